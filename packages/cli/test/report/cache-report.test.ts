import { expect, test } from 'vitest';
import { paintWith } from '../../src/print/format.ts';
import { GithubReport } from '../../src/report/github-report.ts';
import { jsonReport } from '../../src/report/json-report.ts';
import { LiveReport } from '../../src/report/live/live-report.ts';
import { PlainReport } from '../../src/report/plain-report.ts';
import { withWarningsOnce } from '../../src/report/quota.ts';
import type { Report } from '../../src/report/report.ts';
import { Screen } from './live/screen.ts';
import { ManualClock } from './manual-clock.ts';
import { Script } from './script.ts';

const FIRST = { code: 'NO_RECORD', text: 'first run' } as const;
const CODE = { code: 'CODE', text: 'normalize in lib/math.ts changed' } as const;
const ROWS = { code: 'READ', text: 'rows changed' } as const;

function openPlain() {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const report = new PlainReport({ write, paint: paintWith(false), quiet: false, clock: new ManualClock() });
  const said = () =>
    text
      .replace(/^\d\d:\d\d:\d\d /gm, '')
      .split('\n')
      .slice(0, -1);
  return { run: new Script(report.onProgress), said };
}

function openLive(columns = 100) {
  const [screen, clock] = [new Screen(columns, 24), new ManualClock()];
  const report = new LiveReport({ terminal: screen, paint: paintWith(false), clock });
  return { run: new Script(report.onProgress), screen };
}

/** `load` is cached, `train` is executed, `report` follows. */
function secondRun(run: Script): void {
  run.begin(['load', 'train', 'report']);
  run.hit('load', 'Penguins/2/load', 4000);
  run.expand('train', 3);
  for (const model of ['knn', 'tree']) run.start(`train[${model}]`, { why: CODE });
  run.start('train[forest]', { why: ROWS });
  for (const model of ['knn', 'tree', 'forest']) run.end(`train[${model}]`, { ms: 1000 });
  run.start('report', { why: { code: 'READ', text: 'score of task 0 changed' } });
  run.end('report');
  run.finish('succeeded', 1500, { cached: 1, succeeded: 4 }, { metrics: { savedMs: 4000, savedCriticalMs: 4000 } });
}

test('plain report: a hit shows its run, an executed step its reason, the end the saved time', () => {
  const { run, said } = openPlain();
  secondRun(run);
  expect(said()).toEqual([
    'Penguins #3',
    '≡ load  cached from #2',
    '● train  started, 3 elements   ← code: normalize in lib/math.ts changed',
    ...['knn', 'tree', 'forest'].map((model) => `✔ train[${model}]  1.0s`),
    '● report  started   ← score of task 0 changed',
    '✔ report  0.1s',
    '✔ done in 1.5s · 1 cached · 4 ran · saved 4.0s',
  ]);
});

test('live report: a foreach shows its most frequent reason and the number of others', async () => {
  const { run, screen } = openLive();
  secondRun(run);
  const lines = await screen.everything();
  expect(lines[1]).toMatch(/^ ≡ load .* cached from #2$/);
  expect(lines[2]).toMatch(/^ ✔ train +███ 3\/3 .*← code: normalize in lib\/math\.ts changed \+1 more · forest 1\.0s/);
  expect(lines[3]).toMatch(/← score of task 0 changed$/);
  expect(lines[4]).toContain('✔ done in 1.5s · 1 cached · 4 ran · saved 4.0s');
});

test('a first run shows no reasons', async () => {
  const [plain, live] = [openPlain(), openLive()];
  for (const { run } of [plain, live]) {
    run.begin(['load', 'clean'], {}, 1);
    run.start('load', { why: FIRST });
    run.end('load');
    run.start('clean', { why: FIRST });
    run.end('clean');
    run.finish('succeeded', 100, { succeeded: 2 });
  }
  expect([...plain.said(), ...(await live.screen.everything())].join()).not.toMatch(/←|earlier/);
});

test('a new element is shown as new, although the hits before it are reported later', () => {
  const { run, said } = openPlain();
  run.begin(['train']);
  run.expand('train', 2);
  run.start('train[svm]', { why: { code: 'NO_RECORD', text: 'new' } });
  expect(said().at(-1)).toBe('● train  started, 2 elements   ← new');
});

test('a new step in a flow with results is shown as new', () => {
  const { run, said } = openPlain();
  run.begin(['load', 'extra']);
  run.hit('load', 'Penguins/2/load');
  run.start('extra', { why: FIRST });
  expect(said().at(-1)).toBe('● extra  started   ← no earlier result');
});

test('the hits of a wide foreach take one line, and do not count as progress of its execution', () => {
  const { run, said } = openPlain();
  run.begin(['train']);
  run.expand('train', 1000);
  for (let i = 0; i < 1000; i++) run.hit(`train[${i}]`, `Penguins/2/train[${i}]`);
  run.finish('succeeded', 200, { cached: 1000 }, { metrics: { savedMs: 192_000, savedCriticalMs: 1000 } });
  expect(said().slice(1)).toEqual([
    '≡ train  1,000 cached from #2',
    '✔ done in 0.2s · 1,000 cached · 0 ran · saved 3m 12s of work, 1.0s of waiting',
  ]);
});

test('a wide foreach with some executed elements shows the number of hits from all runs', async () => {
  const [plain, live] = [openPlain(), openLive()];
  for (const { run } of [plain, live]) {
    run.begin(['train']);
    run.expand('train', 100);
    for (let i = 0; i < 90; i++) run.hit(`train[${i}]`, i < 50 ? 'Other/9/train[0]' : 'Penguins/2/train[0]');
    for (let i = 90; i < 100; i++) run.start(`train[${i}]`, { why: { code: 'NO_RECORD', text: 'new' } });
    for (let i = 90; i < 100; i++) run.end(`train[${i}]`);
    run.finish('succeeded', 1000, { cached: 90, succeeded: 10 });
  }
  expect(plain.said()).toContain('≡ train  90 cached');
  expect(plain.said().filter((line) => line.includes('100/100'))).toEqual([
    expect.stringContaining('100/100  0.0s · ← new'),
  ]);
  expect((await live.screen.everything())[1]).toMatch(/✔ train +█+ 100\/100 .*← new · 90 cached/);
});

test('the run of a hit is shown with its flow when that is another one', () => {
  const { run, said } = openPlain();
  run.begin(['load']);
  run.hit('load', 'Other/9/load');
  expect(said().at(-1)).toBe('≡ load  cached from Other/9');
});

test('hits of an unfinished foreach are shown at the end of the run', () => {
  const { run, said } = openPlain();
  run.begin(['train']);
  run.expand('train', 3);
  run.hit('train[a]', 'Penguins/2/train[0]');
  run.start('train[b]', { why: ROWS });
  run.fail('train[b]', { name: 'Error', message: 'no' });
  run.finish('failed', 100, { cached: 1, failed: 1 });
  expect(said().slice(-3, -1)).toEqual([
    '≡ train  1 cached from #2',
    '✖ failed after 0.1s · 1 cached · 1 failed · what finished is kept',
  ]);
});

test('a result with lost bytes no longer counts as a hit once it is recomputed', async () => {
  const { run, screen } = openLive();
  run.begin(['load']);
  run.hit('load', 'Penguins/2/load');
  run.start('load', { attempt: 2, why: { code: 'BLOB_MISSING', text: 'sha256:9f… that it left cannot be read' } });
  run.end('load', { attempt: 2 });
  run.finish('succeeded', 100, { cached: 0, succeeded: 1 });
  const lines = await screen.everything();
  expect(lines[1]).toMatch(/^ ✔ load .*← sha256:9f… that it left cannot be read/);
  expect(lines[2]).toContain('1 task ran');
});

test('terminal sequences in reasons are removed', () => {
  const { run, said } = openPlain();
  run.begin(['load']);
  run.start('load', { why: { code: 'INVALIDATED', text: 'by ann: \u001b[2Jno\ngood' } });
  expect(said().at(-1)).toBe('● load  started   ← withdrawn by ann: no good');
});

test('GitHub job summary: each step has its reason and its hits', () => {
  let markdown = '';
  const report = new GithubReport({
    write: () => {},
    paint: paintWith(false),
    quiet: false,
    clock: new ManualClock(),
    checkout: '/',
    summarise: (text) => {
      markdown = text;
    },
  });
  secondRun(new Script(report.onProgress));
  expect(markdown).toContain('| load | cached | 1/1 |  | cached from &#35;2 |');
  expect(markdown).toContain('← code: normalize in lib/math.ts changed +1 more');
  expect(markdown).toContain('1 cached · 4 ran · saved 4.0s');
});

test('JSON report: reasons are data, and warnings are repeated on stderr', () => {
  const [lines, words] = [[] as string[], [] as string[]];
  const report = jsonReport({ write: (text) => lines.push(text), say: (text) => words.push(text), now: () => 0 });
  const run = new Script(report.onProgress);
  run.begin(['load']);
  run.start('load', { why: CODE });
  run.warn('load uses node:fs');
  const events = lines.map((line) => JSON.parse(line));
  expect(events[1]).toMatchObject({ type: 'task-started', why: CODE });
  expect(events[2]).toMatchObject({ type: 'warning', message: 'load uses node:fs' });
  expect(words).toEqual(['! load uses node:fs\n']);
});

test('each warning is shown once, and a limited number of each kind', () => {
  const heard: string[] = [];
  const inner: Report = {
    onProgress: (progress) => progress.type === 'warning' && heard.push(progress.message),
    showMessage: () => {},
    close: () => {},
  };
  const run = new Script(withWarningsOnce(inner).onProgress);
  for (let i = 0; i < 3; i++) run.warn('CORRUPT cache/v1/…');
  for (let i = 0; i < 1000; i++) run.warn(`NONDETERMINISTIC train[${i}] left something else`);
  expect(heard[0]).toBe('CORRUPT cache/v1/…');
  expect(heard.length).toBeLessThan(30);
  expect(heard.at(-1)).toContain('no more warnings of this kind are shown: there were 20');
});
