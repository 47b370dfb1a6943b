import { expect, test } from 'vitest';
import { paintWith } from '../../../src/print/format.ts';
import { LiveReport } from '../../../src/report/live/live-report.ts';
import { ManualClock } from '../manual-clock.ts';
import { Script, thrownHere } from '../script.ts';
import { Screen } from './screen.ts';

const ESCAPE = String.fromCharCode(27);

function open({ colour = false, columns = 80, rows = 30 } = {}) {
  const screen = new Screen(columns, rows);
  const clock = new ManualClock();
  const held: string[] = [];
  const onAcquire = () => {
    held.push('held');
    return () => held.push('released');
  };
  const report = new LiveReport({ terminal: screen, paint: paintWith(colour), clock, onAcquire });
  return { screen, clock, report, held, run: new Script(report.onProgress) };
}

test('live report: a failure is shown with its error, its line and the steps that did not run', async () => {
  const { run, clock, screen } = open();
  run.begin(['load', 'train', 'report']);
  run.start('load');
  run.end('load');
  run.expand('train', 3);
  for (const model of ['knn', 'tree', 'forest']) run.start(`train[${model}]`);
  clock.pass(400);
  run.fail('train[tree]', { ...thrownHere('no such species'), hint: 'Name one that exists.' }, 2);
  run.end('train[knn]');
  run.end('train[forest]');
  run.finish('failed', 900, { succeeded: 3, failed: 1 });
  const lines = await screen.everything();
  expect(lines.slice(0, 7)).toEqual([
    ' Penguins #3',
    ' ✔ load              0.1s',
    ' ✖ train   ███ 3/3   0.4s   1 failed',
    ' ◌ report                   not run',
    '',
    ' ✖ train[tree]  0.1s  failed after 2 attempts',
    '   TypeError: no such species  ENOENT',
  ]);
  expect(lines[7]).toMatch(/^ {7}.*script\.ts:\d+$/);
  expect(lines.filter((line) => line.includes('❯'))).toEqual([expect.stringContaining('// at fault')]);
  expect(lines).toContain('   → Name one that exists.');
  expect(lines.slice(-5)).toEqual([
    '',
    ' ✖ failed after 0.9s · 3 succeeded · 1 failed · what finished is kept',
    '   varve resume',
    "   varve spin 'train[tree]'",
    '   varve show',
  ]);
});

test('live report: a long message is cut during the run, and complete at the end', async () => {
  const { run, clock, screen } = open({ columns: 40 });
  const message = 'the penguins of this island were all counted twice';
  run.begin(['load', 'clean']);
  run.start('load');
  run.start('clean');
  run.fail('load', { name: 'Error', message });
  clock.pass(80);
  expect((await screen.everything()).at(-2)).toBe('   Error: the penguins of this island w…');
  run.end('clean');
  run.finish('failed', 100, { failed: 1, succeeded: 1 });
  expect((await screen.everything()).join('')).toContain(message);
});

test('live report: a skipped step shows its reason, an empty foreach that its list is empty', async () => {
  const { run, screen } = open();
  run.begin(['look', 'mail', 'each', 'after']);
  run.start('look');
  run.end('look');
  run.skip('mail', 'isBig is not set');
  run.expand('each', 0);
  run.end('after');
  run.finish('succeeded', 20, { succeeded: 2, skipped: 1 });
  const lines = await screen.everything();
  expect(lines[2]).toMatch(/^ ⊘ mail .* skipped: isBig is not set$/);
  expect(lines[3]).toMatch(/^ ⊘ each .* nothing to do: the list is empty$/);
  expect(lines[5]).toContain('2 tasks ran · 1 skipped');
});

test('live report: a failed attempt that is retried differs from a failure', async () => {
  const { run, clock, screen } = open();
  run.begin(['load']);
  run.start('load');
  clock.pass(100);
  run.end('load', { status: 'retrying', error: { name: 'Error', message: 'socket hang up\nat length' } });
  clock.pass(900);
  expect((await screen.window())[1]).toBe(' ↻ load   1.0s   failed, will try again: Error: socket hang up');
  run.start('load', { attempt: 2 });
  clock.pass(1000);
  expect((await screen.window())[1]).toBe(' ● load   2.0s   attempt 2 after Error: socket hang up');
  run.end('load', { attempt: 2, writes: { raw: 10 } });
  run.finish('succeeded', 2000, { succeeded: 1 });
  const lines = await screen.everything();
  expect(lines[1]).toBe(' ✔ load   2.0s   attempt 2 · raw 10 B');
  expect(lines.join('\n')).not.toContain('✖');
});

test('live report: a caught error is shown, and its step counts as succeeded', async () => {
  const { run, screen } = open();
  const error = { name: 'Error', message: 'no such island' };
  run.begin(['look', 'each']);
  run.start('look');
  run.end('look', { error, caught: 'problem', writes: { problem: 90 } });
  run.expand('each', 2);
  for (const i of [0, 1]) run.end(`each[${i}]`, { error, caught: 'problem' });
  run.finish('succeeded', 100, { succeeded: 3 }, { caught: 3 });
  const lines = await screen.everything();
  expect(lines[1]).toMatch(/^ ✔ look .* error kept in problem: Error: no such island$/);
  expect(lines[2]).toMatch(/^ ✔ each .* 2 caught · 0 0\.1s · 1 0\.1s$/);
  expect(lines[3]).toContain('✔ done in 0.1s · 3 tasks ran · 3 errors caught');
});

test('live report: an interrupted run shows the stopped steps', async () => {
  const { run, clock, screen, report } = open();
  run.begin(['load', 'train']);
  run.start('load');
  clock.pass(500);
  report.showMessage('\n stopping: no new tasks\n');
  clock.pass(220);
  expect(await screen.window()).toEqual([
    '',
    ' stopping: no new tasks',
    ' Penguins #3',
    ' ● load    0.7s',
    ' ◌ train',
    ' 0.7s · 0 done · 1 running',
  ]);
  run.end('load', { status: 'cancelled' });
  run.finish('cancelled', 800, { cancelled: 1 });
  const lines = await screen.everything();
  expect(lines.slice(2, 5)).toEqual([
    ' Penguins #3',
    expect.stringMatching(/^ ◌ load .* stopped$/),
    ' ◌ train          not run',
  ]);
  expect(lines[5]).toContain('◌ stopped after 0.8s · 1 cancelled · what finished is kept');
});

test('live report: a warning stays above the frame', async () => {
  const { run, clock, screen } = open();
  run.begin(['load']);
  run.start('load');
  run.warn('the store has no room for\u001b[2J more');
  clock.pass(80);
  expect(await screen.window()).toEqual([
    ' ! the store has no room for more',
    ' Penguins #3',
    expect.stringContaining('● load'),
    expect.stringContaining('1 running'),
  ]);
});

test('live report: cached steps are marked', async () => {
  const { run, screen } = open();
  run.begin(['load', 'train']);
  run.end('load', { status: 'cached', ms: 0 });
  run.expand('train', 2);
  run.end('train[0]', { status: 'cached', ms: 0 });
  run.start('train[1]');
  run.end('train[1]');
  run.finish('succeeded', 300, { succeeded: 1, cached: 2 });
  const lines = await screen.everything();
  expect(lines[1]).toMatch(/^ ≡ load .* cached$/);
  expect(lines[2]).toContain('1 cached');
  expect(lines[3]).toContain('2 cached · 1 ran');
});

test('live report: elements of nested foreach steps are counted as their lists become known', async () => {
  const { run, clock, screen } = open();
  run.begin(['a', 'b']);
  run.expand('a', 2);
  for (const i of [0, 1]) run.start(`a[${i}]`);
  run.end('a[0]');
  run.expand('b', 3, { scope: ['a', 'b'], label: 'b[0]' });
  for (const i of [0, 1, 2]) run.start(`b[0,${i}]`, { scope: ['a', 'b'] });
  for (const i of [0, 1, 2]) run.end(`b[0,${i}]`);
  clock.pass(100);
  expect((await screen.window())[2]).toMatch(/^ ● b {2}███ 3\/3\+/);
  run.end('a[1]');
  run.expand('b', 4, { scope: ['a', 'b'], label: 'b[1]' });
  clock.pass(100);
  expect((await screen.window())[2]).toMatch(/^ ● b {2}███░░░░ 3\/7 /);
});

test('live report: a step inside a foreach expects one task per element', async () => {
  const { run, clock, screen } = open();
  run.begin(['a', 'b']);
  run.expand('a', 4);
  for (const i of [0, 1, 2, 3]) run.end(`a[${i}]`);
  run.start('b[0]', { scope: ['a'] });
  run.end('b[0]');
  clock.pass(100);
  expect((await screen.window())[2]).toMatch(/^ ● b {2}█░░░ 1\/4/);
});

test('live report: styles are written only with colour', () => {
  const styles = new RegExp(`${ESCAPE}\\[[\\d;]*m`);
  for (const colour of [false, true]) {
    const { run, clock, screen } = open({ colour });
    run.begin(['load'], { a: 'b' });
    run.start('load');
    clock.pass(200);
    run.fail('load', thrownHere('x'));
    run.finish('failed', 1, { failed: 1 });
    expect(styles.test(screen.raw)).toBe(colour);
  }
});

test('live report: terminal sequences in names, values, logs and errors are removed', async () => {
  const evil = '\u001b[2J\u001b]0;title\u0007\u009b31mX\u202e\rY';
  const { run, clock, screen } = open();
  run.begin([`load${evil}`], { [`p${evil}`]: evil });
  run.start(`load${evil}`);
  run.log(`load${evil}`, evil);
  clock.pass(200);
  run.fail(`load${evil}`, { name: `E${evil}`, message: `m${evil}\n${evil}`, hint: evil, stack: evil });
  run.finish('failed', 1, { failed: 1 });
  const allowed = new RegExp(`${ESCAPE}\\[(?:\\d*A|2K|J|\\?7[lh]|\\?25[lh])`, 'g');
  expect(screen.raw.replace(allowed, '').replaceAll('\r\n', '').replaceAll('\r', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect((await screen.everything())[0]).toContain('Penguins #3');
});

test('live report: the terminal is released once when the run breaks', async () => {
  const { run, clock, screen, report, held } = open();
  run.begin(['load']);
  run.start('load');
  clock.pass(300);
  expect(screen.cursorIsHidden).toBe(true);
  report.close();
  report.close();
  expect(held).toEqual(['held', 'released']);
  expect([screen.cursorIsHidden, screen.isWatched, clock.timersRunning]).toEqual([false, false, 0]);
  await screen.type('✖ the store is gone\n');
  expect((await screen.everything()).slice(-2)).toEqual([' 0.3s · 0 done · 1 running', '✖ the store is gone']);
  expect(screen.wraps).toBe(true);
});

test('live report: after a suspension a new frame starts below foreign output', async () => {
  const { run, clock, screen, report } = open();
  run.begin(['load']);
  run.start('load');
  report.suspend();
  expect(screen.cursorIsHidden).toBe(false);
  await screen.type('[1]+ Stopped\n$ fg\n');
  clock.pass(500);
  report.resume();
  clock.pass(100);
  const lines = await screen.everything();
  expect(lines.slice(3, 6)).toEqual(['[1]+ Stopped', '$ fg', ' Penguins #3']);
  expect(lines).toHaveLength(8);
  expect(screen.cursorIsHidden).toBe(true);
});

test('live report: nothing is written while nothing changes', () => {
  const { run, clock, screen } = open();
  run.begin(['load']);
  run.start('load');
  clock.pass(1000);
  const before = screen.writes;
  clock.pass(80);
  clock.pass(10);
  expect(screen.writes - before).toBeLessThanOrEqual(1);
});
