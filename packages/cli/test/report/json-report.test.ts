import { expect, test } from 'vitest';
import { jsonReport } from '../../src/report/json-report.ts';
import { Script } from './script.ts';

function open() {
  const said = { events: '', words: '' };
  const report = jsonReport({
    write: (text) => {
      said.events += text;
    },
    say: (text) => {
      said.words += text;
    },
    now: () => Date.UTC(2026, 0, 2, 5, 16, 2, 7),
  });
  return { said, report, run: new Script(report.onProgress) };
}

test('JSON report: each event is one line with version, time and run', () => {
  const { run, said } = open();
  run.begin(['load'], { folds: '5' });
  run.start('load');
  run.end('load', { writes: { raw: 67_000 } });
  run.finish('succeeded', 12, { succeeded: 1 });
  const events = said.events
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const head = { v: 1, t: '2026-01-02T05:16:02.007Z', run: 'Penguins/3' };
  expect(events).toEqual([
    {
      ...head,
      type: 'run-started',
      flow: 'Penguins',
      number: 3,
      id: '01run',
      parameters: { folds: '5' },
      steps: ['load'],
    },
    { ...head, type: 'task-started', step: 'load', task: 'load', label: 'load', attempt: 1, scope: [] },
    {
      ...head,
      type: 'task-ended',
      step: 'load',
      task: 'load',
      label: 'load',
      status: 'succeeded',
      attempt: 1,
      ms: 100,
      writes: { raw: 67_000 },
    },
    {
      ...head,
      type: 'run-ended',
      status: 'succeeded',
      ms: 12,
      summary: { status: 'succeeded', endedAt: 0, counts: { succeeded: 1 } },
    },
  ]);
});

test('JSON report: task output stays on its line, escaped and exact', () => {
  const { run, said } = open();
  const text = 'a\nb\u001b[2J\u009b2J\u2028\u007f"';
  run.log('load', text);
  expect(said.events).toMatch(/^[^\n]*\n$/);
  expect(said.events).not.toMatch(/[^\P{Cc}\n]|\u2028/u);
  expect(JSON.parse(said.events).text).toBe(text);
});

test('JSON report: messages for humans are not mixed with events', () => {
  const { report, said } = open();
  report.showMessage('stopping');
  expect(said).toEqual({ events: '', words: 'stopping' });
});
