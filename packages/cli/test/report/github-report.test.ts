import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { paintWith } from '../../src/print/format.ts';
import { annotationText, GithubReport } from '../../src/report/github-report.ts';
import { ManualClock } from './manual-clock.ts';
import { Script, thrownHere } from './script.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

function open() {
  const said = { text: '', summary: '' };
  const report = new GithubReport({
    write: (text) => {
      said.text += text;
    },
    paint: paintWith(false),
    quiet: false,
    clock: new ManualClock(),
    checkout: HERE,
    summarise: (markdown) => {
      said.summary += markdown;
    },
  });
  return { said, run: new Script(report.onProgress) };
}

test('GitHub report: a failure becomes an annotation at the line at fault', () => {
  const { run, said } = open();
  run.begin(['train']);
  run.expand('train', 1);
  run.fail('train[a,b]', thrownHere('100 % wrong\nreally'));
  const annotations = said.text.split('\n').filter((line) => line.startsWith('::'));
  expect(annotations).toHaveLength(1);
  expect(annotations[0]).toMatch(
    /^::error file=script\.ts,line=\d+,col=\d+,title=train\[a%2Cb\]::TypeError: 100 %25 wrong%0Areally$/,
  );
});

test('GitHub report: characters that would end a property or the command are escaped', () => {
  const location = { file: '/checkout/a,b:c%.ts', line: 3, column: 1 };
  expect(annotationText({ title: 'x::y,z', message: 'one\r\ntwo::%', location }, '/checkout')).toBe(
    '::error file=a%2Cb%3Ac%25.ts,line=3,col=1,title=x%3A%3Ay%2Cz::one%0D%0Atwo::%25',
  );
});

test('GitHub report: an annotation leaves out a file outside of the checkout', () => {
  const location = { file: '/elsewhere/flow.ts', line: 3 };
  expect(annotationText({ title: 't', message: 'm', location }, '/checkout')).toBe('::error title=t::m');
});

test('GitHub report: at most ten annotations are written', () => {
  const { run, said } = open();
  run.begin(['train']);
  run.expand('train', 50);
  for (let i = 0; i < 50; i++) run.fail(`train[${i}]`, { name: 'Error', message: 'x' });
  expect(said.text.split('\n').filter((line) => line.startsWith('::error'))).toHaveLength(10);
});

test('GitHub report: output of tasks and errors cannot start a workflow command', () => {
  const { run, said } = open();
  run.begin(['train']);
  run.start('train');
  run.log('train', '::set-env name=A::b');
  run.fail('train', { name: 'Error', message: 'x\n::warning::y\n  ::notice::z' });
  const commands = said.text.split('\n').filter((line) => line.trimStart().startsWith('::'));
  expect(commands).toEqual([expect.stringContaining('::error title=train::Error: x%0A::warning::y')]);
});

test('GitHub report: the job summary has a table of the steps and the failures in full', () => {
  const { run, said } = open();
  run.begin(['load', 'train', 'mail', 'report'], { folds: '5' });
  run.start('load');
  run.end('load', { writes: { raw: 67_000 } });
  run.expand('train', 2);
  run.end('train[knn]');
  run.fail('train[tree]', { name: 'Error', message: 'a | b <img src=x> ```\n```' });
  run.skip('mail', 'isBig | [x](y) is not set');
  run.finish('failed', 3000, { succeeded: 2, failed: 1, skipped: 1 });
  const lines = said.summary.split('\n');
  expect(lines.slice(0, 10)).toEqual([
    '### Penguins &#35;3',
    '',
    '✖ failed after 3.0s · 2 succeeded · 1 failed · 1 skipped · what finished is kept',
    '',
    '| step | status | tasks | time | |',
    '|---|---|---:|---:|---|',
    '| load | succeeded | 1/1 | 0.1s | raw 67 kB |',
    '| train | failed | 2/2 |  | 1 failed |',
    '| mail | skipped | 1/1 |  | skipped: isBig &#124; &#91;x&#93;(y) is not set |',
    '| report | not run | 0/1 |  | not run |',
  ]);
  expect(lines.slice(11)).toEqual([
    '````text',
    '✖ train[tree]  0.1s  failed',
    '   Error: a | b <img src=x> ```',
    '   ```',
    '````',
    '',
  ]);
});
