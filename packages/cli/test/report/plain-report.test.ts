import { expect, test } from 'vitest';
import { paintWith } from '../../src/print/format.ts';
import { PlainReport } from '../../src/report/plain-report.ts';
import { ManualClock } from './manual-clock.ts';
import { Script, thrownHere } from './script.ts';

function open({ quiet = false, colour = false } = {}) {
  let text = '';
  const clock = new ManualClock();
  const write = (more: string) => {
    text += more;
  };
  const report = new PlainReport({ write, paint: paintWith(colour), quiet, clock });
  const lines = () => text.split('\n').slice(0, -1);
  /** Lines without their time. */
  const said = () => lines().map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
  return { report, clock, lines, said, run: new Script(report.onProgress), raw: () => text };
}

test('plain report: each change is one line with the time', () => {
  const { run, clock, lines, said } = open();
  run.begin(['load', 'train', 'mail'], { folds: '5' });
  run.start('load');
  run.log('load', 'reading');
  clock.pass(300);
  run.end('load', { ms: 300, writes: { raw: 67_000 } });
  run.expand('train', 2);
  for (const model of ['knn', 'tree']) run.start(`train[${model}]`);
  for (const model of ['knn', 'tree']) run.end(`train[${model}]`, { ms: 1100 });
  run.skip('mail', 'isBig is not set');
  run.finish('succeeded', 1500, { succeeded: 3, skipped: 1 });
  expect(said()).toEqual([
    'Penguins #3   folds=5',
    '● load  started',
    'load │ reading',
    '✔ load  0.3s   raw 67 kB',
    '● train  started, 2 elements',
    '✔ train[knn]  1.1s',
    '✔ train[tree]  1.1s',
    '⊘ mail  skipped: isBig is not set',
    '✔ done in 1.5s · 3 succeeded · 1 skipped',
  ]);
  const timed = lines().filter((line) => !line.includes('│'));
  for (const line of timed) expect(line).toMatch(/^\d\d:16:02 /);
});

test('plain report: styles are written only with colour', () => {
  for (const colour of [false, true]) {
    const { run, raw } = open({ colour });
    run.begin(['load']);
    run.start('load');
    run.fail('load', thrownHere('x'));
    run.finish('failed', 1, { failed: 1 });
    expect(raw().includes('\u001b')).toBe(colour);
  }
});

test('plain report: a failure is shown with its error and the line at fault', () => {
  const { run, said } = open();
  run.begin(['load']);
  run.start('load');
  run.end('load', { status: 'retrying', error: { name: 'Error', message: 'socket hang up' } });
  run.start('load', { attempt: 2 });
  run.fail('load', thrownHere('no such species'), 2);
  run.finish('failed', 10, { failed: 1 });
  expect(said().slice(2, 5)).toEqual([
    '↻ load  0.1s  attempt 1 failed, will try again: Error: socket hang up',
    '✖ load  0.1s  failed after 2 attempts',
    '   TypeError: no such species  ENOENT',
  ]);
  expect(said().filter((line) => line.includes('❯'))).toEqual([expect.stringContaining('// at fault')]);
  expect(said().at(-2)).toBe('✖ failed after 0.0s · 1 failed · what finished is kept');
});

test('plain report: a caught error is shown', () => {
  const { run, said } = open();
  run.begin(['look']);
  run.start('look');
  run.end('look', { error: { name: 'Error', message: 'no such island' }, caught: 'problem' });
  expect(said().at(-1)).toBe('✔ look  0.1s  error kept in problem: Error: no such island');
});

test('plain report: running tasks are shown after every 30 s without output', () => {
  const { run, clock, said, lines } = open();
  run.begin(['train']);
  run.expand('train', 2);
  run.start('train[knn]');
  clock.pass(10_000);
  run.start('train[tree]');
  run.log('train[knn]', 'half way');
  clock.pass(29_000);
  expect(said().at(-1)).toBe('train[knn] │ half way');
  clock.pass(1000);
  expect(said().at(-1)).toBe('● still running: train[knn] 40.0s · train[tree] 30.0s');
  clock.pass(30_000);
  expect(lines()).toHaveLength(5);
  run.end('train[knn]');
  run.end('train[tree]');
  const count = lines().length;
  clock.pass(100_000);
  expect(lines()).toHaveLength(count);
  run.finish('succeeded', 1, {});
  expect(clock.timersRunning).toBe(0);
});

test('plain report: a foreach over 100,000 elements shows its progress ten times', () => {
  const { run, clock, said } = open();
  run.begin(['work']);
  run.expand('work', 100_000);
  for (let i = 0; i < 100_000; i++) {
    run.start(`work[${i}]`);
    if (i % 10 === 0) clock.pass(1);
    run.end(`work[${i}]`, { ms: 0.1 });
  }
  run.finish('succeeded', 10_000, { succeeded: 100_000 });
  expect(said()).toHaveLength(13);
  expect(said().slice(1, 4)).toEqual([
    '● work  started, 100,000 elements',
    '● work  10,000/100,000  1.0s  ~9.0s left',
    '● work  20,000/100,000  2.0s  ~8.0s left',
  ]);
  expect(said().at(-2)).toMatch(/^✔ work {2}100,000\/100,000 {2}10\.0s$/);
});

test('plain report: 100,000 failures, retries and skips do not flood the log', () => {
  const { run, said } = open();
  run.begin(['work']);
  run.expand('work', 100_000);
  for (let i = 0; i < 50_000; i++) run.fail(`work[${i}]`, { name: 'Error', message: `bad ${i}` });
  for (let i = 50_000; i < 99_000; i++)
    run.end(`work[${i}]`, { status: 'retrying', error: { name: 'Error', message: 'x' } });
  for (let i = 99_000; i < 100_000; i++) run.skip(`work[${i}]`, 'no');
  run.finish('failed', 10, { failed: 50_000 });
  expect(said().length).toBeLessThan(120);
  expect(said()).toContain('  from here on, failed tasks of work are only counted');
  expect(said().at(-2)).toContain('50,000 failed');
});

test('plain report: --quiet shows only failures, warnings and the last line', () => {
  const { run, said } = open({ quiet: true });
  run.begin(['load', 'clean']);
  run.start('load');
  run.log('load', 'hello');
  run.end('load');
  run.warn('a stale lock was removed');
  run.start('clean');
  run.fail('clean', { name: 'Error', message: 'no' });
  run.finish('failed', 100, { succeeded: 1, failed: 1 });
  expect(said()).toEqual([
    '! a stale lock was removed',
    '✖ clean  0.1s  failed',
    '   Error: no',
    '✖ failed after 0.1s · 1 succeeded · 1 failed · what finished is kept',
  ]);
});

test('plain report: task output keeps its indentation and loses terminal sequences', () => {
  const { run, said, raw } = open();
  run.begin(['load']);
  run.start('load');
  run.log('load', '    indented\u001b[31m red\u001b[0m');
  run.log('load', '10 %\r20 %\r30 %');
  run.log('load', '\tafter a tab');
  expect(said().slice(-3)).toEqual(['load │     indented red', 'load │ 30 %', 'load │     after a tab']);
  expect(raw()).not.toMatch(/[^\P{Cc}\n]/u);
});
