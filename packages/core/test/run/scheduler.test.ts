import { settle, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { done, FakeRun, failed } from './fake-run.ts';

const RETRY = { times: 2, backoffMs: 1000, maxBackoffMs: 600_000, jitter: 0.25 };
const AT_ONCE = { times: 1, backoffMs: 0, maxBackoffMs: 0, jitter: 0 };

describe('retry', () => {
  it('pauses twice as long before each further attempt', async () => {
    const fake = new FakeRun();
    fake.behaviour = ({ attempt }) => (attempt < 3 ? failed() : done());
    const ended = fake.run([step('a', { retry: RETRY })]);
    await settle();
    const [first = 0] = fake.clock.slept.slice(-1);
    expect(first).toBeGreaterThanOrEqual(1000);
    expect(first).toBeLessThanOrEqual(1250);
    await fake.clock.advance(1250);
    const [second = 0] = fake.clock.slept.slice(-1);
    expect(second).toBeGreaterThanOrEqual(2000);
    await fake.clock.advance(2500);
    expect((await ended).status).toBe('succeeded');
    expect(fake.ended).toEqual(['a failed', 'a failed', 'a succeeded']);
  });

  it.each([
    ['an error that `on` does not name', { retry: { ...RETRY, on: ['RangeError'] } }, failed('TypeError')],
    ['an error that is not retryable', { retry: RETRY }, failed('NonRetryableError', { retryable: false })],
    ['a failure of a step without `retry`', {}, failed()],
  ])('does not try again after %s', async (_, options, outcome) => {
    const fake = new FakeRun();
    fake.behaviour = () => outcome;
    const summary = await fake.run([step('a', options)]);
    expect(fake.started).toHaveLength(1);
    expect(summary).toMatchObject({
      status: 'failed',
      failure: `a: ${outcome.error.name}: ${outcome.error.name} happened`,
    });
  });

  it('tries again after an error whose code `on` names', async () => {
    const fake = new FakeRun();
    const broken = failed('Error', { error: { name: 'Error', message: 'm', code: 'ECONNRESET' } });
    fake.behaviour = ({ attempt }) => (attempt === 1 ? broken : done());
    const ended = fake.run([step('a', { retry: { ...AT_ONCE, on: ['ECONNRESET'] } })]);
    await settle();
    await fake.clock.advance(1);
    expect((await ended).status).toBe('succeeded');
  });
});

describe('the pause before a retry', () => {
  /** The pauses that a step with this policy makes when all its attempts fail. */
  async function pauses(retry: Partial<typeof RETRY> & { on?: string[] }, outcome = failed()): Promise<number[]> {
    const fake = new FakeRun();
    fake.behaviour = () => outcome;
    const ended = fake.run([step('a', { retry: { ...RETRY, jitter: 0, ...retry } })]);
    await settle();
    for (let i = 0; i < 10; i++) await fake.clock.advance(3_600_000);
    await ended;
    return fake.clock.slept;
  }

  it('grows up to `maxBackoff`', async () => {
    expect(await pauses({ times: 5, maxBackoffMs: 5000 })).toEqual([1000, 2000, 4000, 5000, 5000]);
  });

  it('is spread by up to `jitter`', async () => {
    const [spread = 0] = await pauses({ times: 1, jitter: 1 });
    expect(spread).toBeGreaterThan(1000);
    expect(spread).toBeLessThanOrEqual(2000);
  });

  it('is what a RetryAfterError asks for, beyond `maxBackoff` and whatever `on` names, as often as `times` says', async () => {
    const later = failed('RetryAfterError', { retryAfterMs: 90_000 });
    expect(await pauses({ maxBackoffMs: 5000, on: ['TypeError'] }, later)).toEqual([90_000, 90_000]);
    expect(await pauses({ times: 0 }, later)).toEqual([]);
  });

  it('makes Node warn of no listeners, however many elements wait', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.name);
    process.on('warning', note);
    const fake = new FakeRun();
    fake.labels = Array.from({ length: 30 }, (_, i) => `${i}`);
    fake.width = 30;
    fake.behaviour = ({ attempt }) => (attempt === 1 ? failed() : done());
    const ended = fake.run([
      step('each', { kind: 'foreach', foreach: 'items', scope: ['each'], retry: { ...RETRY, jitter: 0 } }),
    ]);
    await settle();
    await fake.clock.advance(1000);
    await ended;
    await new Promise(setImmediate);
    process.off('warning', note);
    expect(fake.started).toHaveLength(60);
    expect(warnings).toEqual([]);
  });
});

describe('a retry that is due', () => {
  it('starts before all elements and steps that have not been tried', async () => {
    const fake = new FakeRun();
    fake.labels = ['0', '1', '2', '3', '4', '5'];
    fake.width = 1;
    fake.behaviour = async ({ task, attempt }) => {
      await fake.clock.sleep(10);
      return task === 'each[0]' && attempt === 1 ? failed() : done();
    };
    const ended = fake.run([
      step('each', {
        kind: 'foreach',
        foreach: 'items',
        scope: ['each'],
        retry: { ...AT_ONCE, backoffMs: 5, maxBackoffMs: 5 },
      }),
      step('other'),
    ]);
    await settle();
    for (let i = 0; i < 20; i++) await fake.clock.advance(5);
    await ended;
    const order = fake.started.map((task) => task.replace('own:', ''));
    expect(order.filter((task) => task === 'each[0]')).toHaveLength(2);
    expect(order.lastIndexOf('each[0]') - order.indexOf('each[0]')).toBe(2);
  });
});

describe('catch', () => {
  const steps = [
    step('a', { catch: 'error', children: ['b'], retry: AT_ONCE }),
    step('b', { kind: 'linear', parents: ['a'] }),
  ];

  it('stores the last error, notes it in journal and summary, and lets the run go on', async () => {
    const fake = new FakeRun();
    fake.behaviour = ({ step: name }) => (name === 'a' ? failed('TypeError') : done());
    const ended = fake.run(steps);
    await settle();
    await fake.clock.advance(1);
    const summary = await ended;
    expect(summary).toMatchObject({ status: 'succeeded', caught: 1, counts: { succeeded: 2 } });
    expect(summary.failure).toBeUndefined();
    expect(fake.stored).toEqual([{ name: 'TypeError', message: 'TypeError happened' }]);
    const event = fake.events.find((e) => e.type === 'task-succeeded' && e.task === 'a');
    expect(event).toMatchObject({ attempt: 2, caught: { name: 'TypeError' }, writes: { error: { codec: 'json/1' } } });
    expect(fake.progress).toContainEqual(
      expect.objectContaining({ type: 'task-ended', task: 'a', status: 'succeeded', caught: 'error' }),
    );
    expect(fake.started.at(-1)).toBe('own:b');
  });

  it('does not catch the end of a task whose run was stopped', async () => {
    const fake = new FakeRun();
    fake.behaviour = () => failed('Error', { cancelled: true });
    expect((await fake.run(steps)).status).toBe('cancelled');
    expect(fake.stored).toEqual([]);
  });
});

describe('a failure', () => {
  const two = [
    step('bad', { children: ['never'] }),
    step('never', { kind: 'linear', parents: ['bad'] }),
    step('good', { children: ['after'] }),
    step('after', { kind: 'linear', parents: ['good'] }),
  ];

  it('lets independent branches finish, and the summary names the first one', async () => {
    const fake = new FakeRun();
    fake.behaviour = ({ step: name }) => (name === 'bad' ? failed('RangeError') : done());
    const summary = await fake.run(two);
    expect(fake.ended.sort()).toEqual(['after succeeded', 'bad failed', 'good succeeded']);
    expect(summary).toMatchObject({ status: 'failed', failure: 'bad: RangeError: RangeError happened' });
  });

  it('stops all running tasks with failFast', async () => {
    const fake = new FakeRun();
    fake.behaviour = ({ step: name }, signal) =>
      name === 'bad'
        ? failed()
        : new Promise((resolve) =>
            signal?.addEventListener('abort', () => resolve(failed('Error', { cancelled: true }))),
          );
    const summary = await fake.run(two, { failFast: true });
    expect(summary).toMatchObject({ status: 'failed', counts: { failed: 1, cancelled: 1 } });
    expect(fake.started).toHaveLength(2);
  });
});

describe('rate', () => {
  it('spaces the starts of a step evenly, however many tasks the runner could run', async () => {
    const fake = new FakeRun();
    fake.labels = ['a', 'b', 'c', 'd'];
    const ended = fake.run([
      step('each', {
        kind: 'foreach',
        foreach: 'items',
        scope: ['each'],
        rate: { count: 10, perMs: 1000 },
        concurrency: 100,
      }),
    ]);
    await settle();
    for (let i = 0; i < 8; i++) await fake.clock.advance(50);
    await ended;
    const [first = 0] = fake.startedAt;
    expect(fake.startedAt.map((at) => at - first)).toEqual([0, 100, 200, 300]);
  });

  it('is kept when each attempt fails once', async () => {
    const fake = new FakeRun();
    fake.labels = ['a', 'b', 'c', 'd'];
    fake.behaviour = ({ attempt }) => (attempt === 1 ? failed() : done());
    const rate = { count: 10, perMs: 1000 };
    const each = { kind: 'foreach', foreach: 'items', scope: ['each'], concurrency: 100 } as const;
    const ended = fake.run([step('each', { ...each, rate, retry: AT_ONCE })]);
    await settle();
    for (let i = 0; i < 100; i++) await fake.clock.advance(10);
    await ended;
    const gaps = fake.startedAt.slice(1).map((at, i) => at - (fake.startedAt[i] ?? 0));
    expect(gaps).toEqual(Array.from({ length: 7 }, () => 100));
  });
});

describe('the runners of a run', () => {
  it('execute the steps that name them', async () => {
    const fake = new FakeRun();
    await fake.run([step('a'), step('b', { runner: 'process' }), step('c', { runner: 'inline' })]);
    expect(fake.started.sort()).toEqual(['inline:c', 'own:a', 'process:b']);
  });

  it.each([
    ['NaN ms', { ...done(), ms: Number.NaN }, '.ms is not a finite number'],
    [
      'a bad digest',
      { ...done(), writes: { x: { reference: { digest: '../../etc', size: 1, codec: 'json/1' } } } },
      '.writes.x.reference.digest',
    ],
    [
      'bytes of another length',
      {
        ...done(),
        writes: {
          x: {
            ...(done('x') as { writes: object }).writes,
            reference: { digest: `sha256:${'0'.repeat(64)}`, size: 3, codec: 'c' },
            bytes: new Uint8Array(2),
          },
        },
      },
      '3 bytes long, but 2',
    ],
    ['an error without a message', { ok: false, ms: 1, retryable: false, error: { name: 'E' } }, '.error.message'],
  ])('end the run when one reports %s, naming runner and field', async (_, outcome, field) => {
    const fake = new FakeRun();
    fake.behaviour = () => outcome as never;
    await expect(fake.run([step('a', { runner: 'faulty' })])).rejects.toMatchObject({
      code: 'VARVE_RUNNER_OUTCOME',
      message: expect.stringMatching(new RegExp(`'faulty'.*a.*${field.replaceAll('.', '\\.')}`)),
    });
    expect(fake.ended).toEqual([]);
  });
});

describe('a run', () => {
  it('aborts its tasks when it is interrupted, starts no more, and ends as cancelled', async () => {
    const fake = new FakeRun();
    const stop = new AbortController();
    fake.behaviour = (_, signal) => {
      stop.abort();
      return signal?.aborted ? failed('Error', { cancelled: true }) : done();
    };
    const summary = await fake.run([step('a', { children: ['b'] }), step('b', { kind: 'linear', parents: ['a'] })], {
      signal: stop.signal,
    });
    expect(summary).toMatchObject({ status: 'cancelled', counts: { cancelled: 1 } });
    expect(fake.started).toEqual(['own:a']);
  });

  it('counts as succeeded when it was interrupted only after its last task', async () => {
    const fake = new FakeRun();
    const stop = new AbortController();
    fake.behaviour = () => {
      stop.abort();
      return done();
    };
    expect((await fake.run([step('a')], { signal: stop.signal })).status).toBe('succeeded');
  });

  it('rejects with the error of a journal that broke', async () => {
    const fake = new FakeRun();
    fake.behaviour = (_, signal) => {
      fake.breakJournal(new Error('the disk is gone'));
      return failed('Error', { cancelled: signal?.aborted === true });
    };
    await expect(fake.run([step('a')])).rejects.toThrow('the disk is gone');
  });
});
