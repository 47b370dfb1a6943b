import { digestOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../../src/contract/index.ts';
import { packOutcomes, unpackSpecs } from '../../src/task/remote/packed-tasks.ts';
import { PoolRunner } from '../../src/task/remote/pool-runner.ts';
import { PoolWorker } from '../../src/task/remote/pool-worker.ts';
import type { ToWorker } from '../../src/task/remote/protocol.ts';
import { specWith } from './fake-blobs.ts';

/** A worker whose answers the test gives. */
class FakeWorker {
  readonly given: number[] = [];
  readonly tasks: string[] = [];
  killed = false;
  private tell: (message: unknown) => void = () => {};
  private end: (end: { readonly code: number }) => void = () => {};

  open(isMultiplexed: (spec: TaskSpec) => boolean): PoolWorker {
    const handle = {
      channel: {
        postMessage: (message: unknown) => this.take(message as ToWorker),
        on: (_: 'message', listener: (message: unknown) => void) => {
          const before = this.tell;
          this.tell = (message) => {
            before(message);
            listener(message);
          };
        },
      },
      depth: 10,
      kill: async () => {
        this.killed = true;
        this.end({ code: 0 });
      },
      onEnd: (listener: (end: { readonly code: number }) => void) => {
        this.end = listener;
      },
    };
    return new PoolWorker(handle, { isMultiplexed });
  }

  finish(id: number): void {
    const outcome = { ok: true, ms: 1, writes: {}, deletes: [], reads: [] } as const;
    this.tell(packOutcomes([{ id, outcome }]));
  }

  giveBack(...ids: number[]): void {
    this.tell({ spent: ids });
  }

  private take(message: ToWorker): void {
    if (!('specs' in message)) return;
    for (const { id, spec } of unpackSpecs(message)) {
      this.given.push(id);
      this.tasks.push(spec.task);
    }
  }
}

function openPool(isMultiplexed: (spec: TaskSpec) => boolean = () => false) {
  const workers: FakeWorker[] = [];
  const pool = new PoolRunner({
    name: 'fake',
    isolation: 'thread',
    width: 1,
    spawn: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker.open(isMultiplexed);
    },
  });
  const run = (task: string) =>
    pool.run(
      { ...specWith({}), step: task, task, label: task, code: { bundle: 'b', digest: digestOf('b'), flow: 'F' } },
      {},
    );
  return { pool, workers, run };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a worker that takes no more tasks', () => {
  it('is replaced, and what it gave back is executed by the other one', async () => {
    const { workers, run } = openPool();
    const both = Promise.all([run('a'), run('b')]);
    await turn();
    const [first] = workers;
    first?.finish(first.given[0] ?? 0);
    first?.giveBack(first.given[1] ?? 0);
    await turn();
    expect(first?.killed).toBe(true);
    expect(workers.map(({ tasks }) => tasks)).toEqual([['a', 'b'], ['b']]);
    workers[1]?.finish(workers[1].given[0] ?? 0);
    expect((await both).map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('is ended only when the tasks that run in it have ended', async () => {
    const { workers, run } = openPool(({ task }) => task === 'long');
    const long = run('long');
    const next = run('next');
    await turn();
    const [first] = workers;
    first?.giveBack(first.given[1] ?? 0);
    await turn();
    expect(first?.killed).toBe(false);
    workers[1]?.finish(workers[1].given[0] ?? 0);
    first?.finish(first.given[0] ?? 0);
    await Promise.all([long, next]);
    expect(first?.killed).toBe(true);
  });

  it('is ended when the pool is closed although something runs in it', async () => {
    const { pool, workers, run } = openPool(() => true);
    const long = run('long').catch((error: Error) => error.message);
    await turn();
    workers[0]?.giveBack();
    await pool.close();
    expect(workers[0]?.killed).toBe(true);
    expect(await long).toBe('the runner was closed');
  });
});
