import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { type client, Flow, type run } from '../../src/index.ts';
import { expectCode, Project } from '../support/project.ts';

/** A flow with legacy decorators, compiled. */
const FLOW = `
import { Flow, param, step } from 'varve';
export class Folds extends Flow {
  folds = param.int(5, { min: 2 });
  list = [1, 2, 3];
  start() { console.log('in a worker'); if (this.folds === 13) throw new Error('unlucky'); }
  each(n) { this.part = n * this.folds; }
  join(tasks) { this.best = { sum: tasks.reduce((sum, task) => sum + task.part, 0) }; }
}
const decorate = (options, name) => step(options)(Folds.prototype, name, Object.getOwnPropertyDescriptor(Folds.prototype, name));
decorate({}, 'start');
decorate({ after: 'start', foreach: 'list' }, 'each');
decorate({ join: 'each' }, 'join');
`;

const MAIN = `
import { client, run } from 'varve';
import { Folds } from './folds.mjs';

const said = [];
const r = await run(Folds, { folds: 3 }, { tags: ['from=code'], onProgress: (progress) => said.push(progress.type) });
const last = await client(Folds).last();
const failed = await run(Folds, { folds: 13 });
const refused = await run(Folds, { folds: 1, fold: 2 }).catch((error) => error);
const abort = new AbortController();
abort.abort();
const stopped = await run(Folds, {}, { signal: abort.signal });
const numbers = [];
for await (const listed of client(Folds).runs({ status: 'succeeded' })) numbers.push(listed.record.number);
console.log(JSON.stringify({
  status: r.status, best: r.artifacts.best, last: last.artifacts.best, tags: last.record.tags, parameters: last.record.parameters,
  parts: last.tasks('each').map((task) => task.artifacts.part), log: await last.task('start').log(), types: [...new Set(said)],
  failed: [failed.status, failed.summary.failure, failed.task('start').status, 'best' in failed.artifacts],
  refused: [refused.code, refused.findings.map((finding) => finding.message)],
  stopped: stopped.status, numbers, ok: (await client('Folds').lastSuccessful()).number,
  gone: await client('Nothing').last().catch((error) => error.code),
}));
`;

const SELF = `
import { Flow, run, step } from 'varve';
export class Self extends Flow { go() { this.done = 1; } }
step()(Self.prototype, 'go', Object.getOwnPropertyDescriptor(Self.prototype, 'go'));
const r = await run(Self, {}, { module: import.meta.url });
console.log(r.status, r.artifacts.done);
`;

describe('running flows from code', () => {
  const project = new Project({ 'folds.mjs': FLOW, 'main.mjs': MAIN, 'self.mjs': SELF });
  let said: Record<string, unknown>;
  beforeAll(async () => {
    const { stdout } = expectCode(await project.node('main.mjs'), 0);
    said = JSON.parse(stdout) as Record<string, unknown>;
  });

  it('run() returns the finished run with its artifacts, and the process can exit', () => {
    expect(said).toMatchObject({
      status: 'succeeded',
      best: { sum: 18 },
      types: expect.arrayContaining(['run-started', 'task-ended', 'run-ended']),
    });
  });

  it('client() finds a run that run() made, with its parameters, tasks and logs', () => {
    expect(said).toMatchObject({
      last: { sum: 18 },
      tags: ['from=code'],
      parameters: { folds: '3' },
      parts: [3, 6, 9],
    });
    expect(said.log).toMatchObject([{ stream: 'stdout', text: 'in a worker' }]);
    expect(said).toMatchObject({ numbers: [1], ok: 1, gone: 'VARVE_NO_RUN' });
  });

  it('run() returns failed and cancelled runs, and throws all mistakes of a run that cannot start', () => {
    expect(said.failed).toEqual(['failed', 'start: Error: unlucky', 'failed', false]);
    expect(said.stopped).toBe('cancelled');
    expect(said.refused).toEqual([
      'VARVE_PARAMETERS',
      expect.arrayContaining([expect.stringContaining('folds=1: must be >= 2'), expect.stringContaining("'fold'")]),
    ]);
  });

  it('the command line shows runs that code started', async () => {
    expect(expectCode(await project.varve(['list']), 0).stdout).toContain('Folds/1');
  });

  it('run() in the file of the flow itself is refused with a hint', async () => {
    const { code, stdout, stderr } = await project.node('self.mjs');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('VARVE_RUN_IN_FLOW_FILE');
    expect(stderr).toContain('a file of its own');
  });

  it('artifacts of a run have the types of the flow class', () => {
    class Typed extends Flow {
      folds = 3;
      best!: { readonly accuracy: number };
    }
    const last = async (open: typeof client) => (await open(Typed).last()).artifacts.best.accuracy;
    const fresh = async (start: typeof run) => (await start(Typed, { folds: 3 })).artifacts.best;
    expectTypeOf(last).returns.resolves.toEqualTypeOf<number>();
    expectTypeOf(fresh).returns.resolves.toEqualTypeOf<{ readonly accuracy: number }>();
  });
});
