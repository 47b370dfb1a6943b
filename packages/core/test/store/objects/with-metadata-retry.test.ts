import { ManualClock } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import {
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  StoreError,
} from '../../../src/contract/index.ts';
import { withMetadataRetry } from '../../../src/store/objects/layers/with-metadata-retry.ts';

/** A clock on which every pause ends at once. */
class HastyClock extends ManualClock {
  override sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return Promise.resolve();
  }
}

const about = { tags: [], createdAt: 1, user: 'ada', host: 'host', varve: '1', parameters: {}, graph: [] };
const runOf = (number: number): RunRecord => ({
  id: `id${number}`,
  flow: 'Pen',
  number,
  bundle: 'sha256:00',
  ...about,
});
const RUN = runOf(1);
const EVENTS: RunEvent[] = ['a', 'b', 'c'].map((task) => ({ at: 1, type: 'task-started', task, attempt: 1 }));

/** Appends whatever it is told, wherever its journal ends. The next call breaks `before` or `after` it has acted. */
class Flaky implements MetadataProvider {
  readonly name = 'flaky';
  readonly capabilities = { conditionalAppend: false };
  readonly runsOf = new Map<string, RunRecord>();
  readonly stored: RunEvent[] = [];
  breaks: ('before' | 'after')[] = [];
  calls = 0;
  error: Error = new StoreError('unavailable', 'gone');

  private async act<T>(action: () => T): Promise<T> {
    this.calls++;
    const at = this.breaks.shift();
    if (at === 'before') throw this.error;
    const answer = action();
    if (at === 'after') throw this.error;
    return answer;
  }
  createRun(run: RunRecord): Promise<void> {
    return this.act(() => {
      if (this.runsOf.has(run.id)) throw new StoreError('already-exists', 'taken');
      this.runsOf.set(run.id, JSON.parse(JSON.stringify(run)));
    });
  }
  append(_: RunRecord, events: readonly RunEvent[]): Promise<void> {
    return this.act(() => void this.stored.push(...events));
  }
  finishRun(): Promise<void> {
    return this.act(() => {});
  }
  run(_: string, id: string): Promise<RunListing | undefined> {
    const record = this.runsOf.get(id);
    return this.act(() => record && { record });
  }
  async *events(): AsyncGenerator<RunEvent> {
    for (const event of this.stored) yield await this.act(() => event);
  }
  async *runs(): AsyncGenerator<RunListing> {
    for (const record of this.runsOf.values()) yield await this.act(() => ({ record }));
  }
}

function setUp() {
  const provider = new Flaky();
  return { provider, retrying: withMetadataRetry(provider, { clock: new HastyClock(), attempts: 4 }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('withMetadataRetry', () => {
  it.each(['before', 'after'] as const)('creates a run once when the call breaks %s it has acted', async (at) => {
    const { provider, retrying } = setUp();
    provider.breaks = [at, at === 'before' ? 'after' : 'before'];
    await retrying.createRun(RUN);
    expect(provider.runsOf.get('id1')).toEqual(RUN);
  });

  it('refuses the id of another run, also when the answer to the first attempt was lost', async () => {
    const { provider, retrying } = setUp();
    await retrying.createRun({ ...RUN, user: 'eve' });
    await expect(retrying.createRun(RUN)).rejects.toMatchObject({ code: 'already-exists' });
    provider.breaks = ['before'];
    await expect(retrying.createRun(RUN)).rejects.toMatchObject({ code: 'already-exists' });
  });

  it.each(['before', 'after'] as const)('appends events once when the call breaks %s it has acted', async (at) => {
    const { provider, retrying } = setUp();
    await retrying.append(RUN, EVENTS.slice(0, 1), { expectedLength: 0 });
    provider.breaks = [at];
    await retrying.append(RUN, EVENTS.slice(1), { expectedLength: 1 });
    expect(provider.stored).toEqual(EVENTS);
  });

  it('goes on with a journal and with a list of runs where they broke', async () => {
    const { provider, retrying } = setUp();
    for (const number of [1, 2, 3]) await retrying.createRun(runOf(number));
    await retrying.append(RUN, EVENTS, { expectedLength: 0 });
    provider.breaks = ['before'];
    expect(await all(retrying.events(RUN))).toEqual(EVENTS);
    provider.calls = 0;
    const runs = retrying.runs({});
    const found: number[] = [];
    for await (const { record } of runs) {
      found.push(record.number);
      if (found.length === 2) provider.breaks = ['before'];
    }
    expect(found).toEqual([1, 2, 3]);
  });

  it('repeats nothing that asking again does not cure, and no call for ever', async () => {
    const { provider, retrying } = setUp();
    provider.breaks = Array.from({ length: 20 }, () => 'before');
    await expect(retrying.run('Pen', 'id1')).rejects.toMatchObject({ code: 'unavailable' });
    expect(provider.calls).toBe(4);
    provider.error = new StoreError('permission-denied', 'no');
    await expect(retrying.finishRun(RUN, { status: 'succeeded', endedAt: 1, counts: {} })).rejects.toBe(provider.error);
    expect(provider.calls).toBe(5);
  });

  it('offers what the provider offers', () => {
    const { provider, retrying } = setUp();
    expect(retrying).toMatchObject({ name: 'flaky', capabilities: provider.capabilities });
    expect(retrying.removeRun).toBeUndefined();
    const removing = Object.assign(new Flaky(), { removeRun: async () => {} });
    expect(withMetadataRetry(removing, { clock: new HastyClock() }).removeRun).toBeDefined();
  });
});
