import { describe, expect, test } from 'vitest';
import { paintWith } from '../../../src/print/format.ts';
import { width } from '../../../src/print/text.ts';
import { LiveReport } from '../../../src/report/live/live-report.ts';
import { ManualClock } from '../manual-clock.ts';
import { Script, thrownHere } from '../script.ts';
import { Screen } from './screen.ts';

function open({ columns = 80, rows = 24, colour = false } = {}) {
  const screen = new Screen(columns, rows);
  const clock = new ManualClock();
  const report = new LiveReport({ terminal: screen, paint: paintWith(colour), clock });
  return { screen, clock, report, run: new Script(report.onProgress) };
}

type Opened = ReturnType<typeof open>;

/** A run of load, clean and three models, one of them slow. */
function penguins({ run, clock }: Opened, until: 'training' | 'end' = 'end'): void {
  run.begin(['load', 'clean', 'train', 'report'], { folds: '5' });
  run.start('load');
  clock.pass(300);
  run.end('load', { ms: 300, writes: { raw: 67_000 } });
  run.start('clean');
  run.log('clean', 'kept 342 of 344 penguins');
  run.end('clean', { ms: 12, writes: { rows: 27_400 } });
  run.expand('train', 3);
  for (const [i, model] of ['knn', 'tree', 'forest'].entries()) run.start(`train[${model}]`, { task: `train[${i}]` });
  clock.pass(1100);
  run.end('train[tree]', { task: 'train[1]', ms: 1100 });
  run.end('train[knn]', { task: 'train[0]', ms: 700 });
  clock.pass(5000);
  if (until === 'training') return;
  run.end('train[forest]', { task: 'train[2]', ms: 6100 });
  run.start('report');
  run.end('report', { ms: 4, writes: { best: 180 } });
  run.finish('succeeded', 6500, { succeeded: 6 });
}

describe('the live report at 80 columns', () => {
  test('shows one line per step of a running flow', async () => {
    const opened = open();
    penguins(opened, 'training');
    expect(await opened.screen.window()).toEqual([
      ' Penguins #3   folds=5',
      ' ✔ load              0.3s   raw 67 kB',
      ' ✔ clean             0.0s   rows 27 kB  │ kept 342 of 344 penguins',
      ' ● train   ██░ 2/3   6.1s   forest 6.1s',
      ' ◌ report',
      ' 6.4s · 4 done · 1 running',
    ]);
  });

  test('leaves the last frame with the next commands, and the cursor below it', async () => {
    const opened = open();
    await opened.screen.type('$ varve run penguins.ts\n');
    penguins(opened);
    const lines = await opened.screen.everything();
    expect(lines).toEqual([
      '$ varve run penguins.ts',
      ' Penguins #3   folds=5',
      ' ✔ load              0.3s   raw 67 kB',
      ' ✔ clean             0.0s   rows 27 kB  │ kept 342 of 344 penguins',
      ' ✔ train   ███ 3/3   6.1s   knn 0.7s · tree 1.1s · forest 6.1s',
      ' ✔ report            0.0s   best 180 B',
      ' ✔ done in 6.5s · 6 tasks ran        varve show · varve artifacts get @last best',
    ]);
    expect(await opened.screen.cursorLine()).toBe(lines.length);
    expect(opened.screen.cursorIsHidden).toBe(false);
  });
});

const TASKS = Array.from({ length: 30 }, (_, i) => `step${i}`);

describe('the live report in a low window', () => {
  test('folds finished steps first, with their number', async () => {
    const opened = open({ rows: 10 });
    const { run, clock, screen } = opened;
    run.begin(TASKS);
    for (const name of TASKS.slice(0, 12)) {
      run.start(name);
      run.end(name);
    }
    run.start('step12');
    run.start('step13');
    clock.pass(500);
    const lines = await screen.window();
    expect(lines.length).toBeLessThan(10);
    expect(lines).toContain(' ✔ 12 finished steps not shown');
    expect(lines.join('\n')).toMatch(/● step12 .*\n ● step13 /);
    expect(lines).toContain(' ◌ 13 waiting steps not shown');
    expect(lines.at(-1)).toContain('12 done · 2 running');
    expect(await screen.everything()).toEqual(lines);
  });

  test('never scrolls the window with many running steps', async () => {
    const { run, clock, screen } = open({ rows: 6 });
    run.begin(TASKS);
    for (const name of TASKS) run.start(name);
    for (let i = 0; i < 20; i++) clock.pass(400);
    expect(await screen.everything()).toEqual([
      ' Penguins #3',
      ' ● step0    8.0s',
      ' ● step1    8.0s',
      ' ● 28 more steps not shown',
      ' 8.0s · 0 done · 30 running',
    ]);
  });

  test('keeps running steps while finished and waiting ones can be folded', async () => {
    const { run, clock, screen } = open({ rows: 5 });
    run.begin(['a', 'b', 'c', 'd', 'e']);
    run.start('a');
    run.end('a');
    run.start('b');
    run.start('d');
    clock.pass(1000);
    expect(await screen.everything()).toEqual([
      ' Penguins #3',
      ' ● 4 more steps not shown',
      ' ● b   1.0s',
      ' 1.0s · 1 done · 2 running',
    ]);
  });

  test('shortens failures to one line each before it folds running steps', async () => {
    const { run, clock, screen } = open({ rows: 8 });
    run.begin(['a', 'b', 'c', 'd']);
    for (const name of ['a', 'b', 'c', 'd']) run.start(name);
    run.fail('a', thrownHere('no such penguin'));
    clock.pass(1000);
    const lines = await screen.everything();
    expect(lines.length).toBeLessThan(8);
    expect(lines.filter((line) => line.startsWith(' ✖ a'))).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith(' ● '))).toHaveLength(3);
  });

  test('shows the counts even in three rows', async () => {
    const { run, clock, screen } = open({ rows: 3 });
    run.begin(TASKS);
    run.start('step0');
    clock.pass(1000);
    expect(await screen.everything()).toEqual([
      expect.stringContaining('not shown'),
      expect.stringContaining('1 running'),
    ]);
  });

  test('hides nothing in the last frame', async () => {
    const { run, screen } = open({ rows: 6 });
    run.begin(TASKS);
    for (const name of TASKS) run.end(name);
    run.finish('succeeded', 100, { succeeded: 30 });
    const lines = await screen.everything();
    expect(lines.filter((line) => /^ ✔ step\d/.test(line))).toHaveLength(30);
  });
});

describe('the live report in a narrow window', () => {
  test('cuts lines with …, and never wraps them', async () => {
    const opened = open({ columns: 40 });
    penguins(opened);
    expect(await opened.screen.everything()).toEqual([
      ' Penguins #3   folds=5',
      ' ✔ load          0.3s   raw 67 kB',
      ' ✔ clean         0.0s   rows 27 kB  │ k…',
      ' ✔ train   3/3   6.1s   knn 0.7s · tree…',
      ' ✔ report        0.0s   best 180 B',
      ' ✔ done in 6.5s · 6 tasks ran',
      '   varve show',
      '   varve artifacts get @last best',
    ]);
  });

  test('measures wide and combining characters like the terminal', async () => {
    const { run, clock, screen } = open({ columns: 40 });
    run.begin(['読み込み', 'cafe\u0301', 'plain']);
    run.start('読み込み');
    run.log('読み込み', 'ペンギン'.repeat(20));
    run.start('cafe\u0301');
    run.log('cafe\u0301', 'e\u0301'.repeat(80));
    run.start('plain');
    clock.pass(1000);
    const lines = await screen.window();
    expect(lines).toHaveLength(5);
    const starts = lines.slice(1, 4).map((line) => width(line.slice(0, line.indexOf('1.0s'))));
    expect(new Set(starts).size).toBe(1);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(40);
    expect(lines[1]?.endsWith('…')).toBe(true);
    expect(lines[2]?.endsWith('…')).toBe(true);
  });

  test('shows one frame when the window is resized, and keeps the text above it', async () => {
    const opened = open();
    const { screen, clock } = opened;
    await screen.type('$ varve run penguins.ts\n');
    penguins(opened, 'training');
    for (const columns of [50, 33, 100, 80]) {
      await screen.resize(columns, 24);
      clock.pass(100);
      const lines = await screen.everything();
      expect(lines[0]).toBe('$ varve run penguins.ts');
      expect(lines.filter((line) => line.includes('Penguins #3'))).toHaveLength(1);
      expect(lines).toHaveLength(7);
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    }
  });
});

describe('the live report of a foreach over 100,000 elements', () => {
  test('takes one line and a bounded number of characters, and estimates the time left', async () => {
    const { run, clock, screen } = open();
    run.begin(['split', 'work']);
    run.expand('work', 100_000);
    for (let i = 0; i < 50_000; i++) {
      run.start(`work[${i}]`);
      if (i % 5 === 4) clock.pass(1);
      run.end(`work[${i}]`, { ms: 0.2, writes: { out: 40 } });
    }
    clock.pass(80);
    const lines = await screen.window();
    expect(lines[2]).toMatch(/^ ● work {3}█████░░░░░ {2}50,000\/100,000 {2}10\.1s {3}~(9|10)\.\ds left$/);
    expect(lines).toHaveLength(4);
    expect(screen.writes).toBeLessThan(150);
    expect(screen.raw.length).toBeLessThan(60_000);
  });

  test('shows sizes instead of elements at the end, and the failures', async () => {
    const { run, screen } = open();
    run.begin(['work']);
    run.expand('work', 100_000);
    for (let i = 0; i < 99_000; i++) run.end(`work[${i}]`, { ms: 1, writes: { out: 40 } });
    for (let i = 99_000; i < 100_000; i++) run.fail(`work[${i}]`, thrownHere(`bad ${i}`));
    run.finish('failed', 5000, { succeeded: 99_000, failed: 1000 });
    const lines = await screen.everything();
    expect(lines[1]).toContain('██████████ 100,000/100,000');
    expect(lines[1]).toContain('1,000 failed');
    expect(lines).toContain(' ✖ 997 more failed');
    expect(lines.length).toBeLessThan(40);
  });
});
