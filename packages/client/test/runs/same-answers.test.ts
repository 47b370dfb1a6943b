import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetadataProvider, PluginContext, RunRecord, RunStatus, RunSummary } from '@varve/core/contract';
import { DatastoreJournal, recordKey, writeHeartbeat } from '@varve/core/internal';
import { sqliteIndex, sqliteMetadata } from '@varve/metadata-sqlite';
import { MemoryStore, runRecord } from '@varve/test-support';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { History } from '../../src/runs/history.ts';
import type { RunQuery } from '../../src/runs/run-filter.ts';
import { updateIndex } from '../../src/runs/update-index.ts';

const root = mkdtempSync(join(tmpdir(), 'varve-answers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const START = 1_700_000_000_000;
const HOUR = 3_600_000;
const TAGS = ['nightly', 'größe ✓', ''];
const ENDS = ['succeeded', 'failed', 'cancelled'] as const;

/** How a run is, and what has become of it since the index was made. */
interface Case {
  readonly flow: string;
  readonly tags: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly end: RunSummary['status'] | 'live' | 'dead' | 'unsummarised';
  readonly since: 'same' | 'new' | 'ended' | 'removed' | 'damaged';
}

const parameters = fc.dictionary(fc.constantFrom('folds', 'model', 'odd name'), fc.constantFrom('5', 'knn', ''), {
  maxKeys: 3,
});
const aCase: fc.Arbitrary<Case> = fc.record({
  flow: fc.constantFrom('Penguins', 'Pen', 'pen/s'),
  tags: fc.array(fc.constantFrom(...TAGS), { maxLength: 3 }),
  parameters,
  end: fc.constantFrom(...ENDS, 'succeeded', 'live', 'dead', 'unsummarised'),
  since: fc.constantFrom('same', 'same', 'same', 'new', 'ended', 'removed', 'damaged'),
});
const time = fc.integer({ min: -1, max: 26 }).map((hours) => START + hours * HOUR);
const statuses: fc.Arbitrary<RunStatus> = fc.constantFrom(...ENDS, 'running', 'lost');
const aFilter: fc.Arbitrary<RunQuery> = fc.oneof(
  fc.record({ flow: fc.constantFrom('Penguins', 'Pen', 'None') }),
  fc.record({ tag: fc.oneof(fc.constantFrom(...TAGS), fc.array(fc.constantFrom(...TAGS), { maxLength: 2 })) }),
  fc.record({ status: fc.oneof(statuses, fc.array(statuses, { maxLength: 3 })) }),
  fc.record({
    since: fc.oneof(
      time,
      time.map((ms) => new Date(ms)),
    ),
  }),
  fc.record({ until: time }),
  fc.record({ parameters }),
  fc.record({ limit: fc.integer({ min: 1, max: 8 }) }),
);
/** Of few filters at once: of many at once nothing would be left. */
const queries = fc
  .array(
    fc.array(aFilter, { maxLength: 2 }).map((filters): RunQuery => Object.assign({}, ...filters)),
    { minLength: 8, maxLength: 8 },
  )
  .map((some): RunQuery[] => [{}, ...some]);
const runs = fc.array(aCase, { minLength: 20, maxLength: 30 });

/** The same runs: in a store, half of them in an index of it, and in SQLite. */
class World {
  readonly now = START + 100 * HOUR;
  readonly store = new MemoryStore({ now: () => this.now });
  readonly journal = new DatastoreJournal(this.store);
  private readonly runs: { readonly record: RunRecord; readonly made: Case }[];

  constructor(cases: readonly Case[]) {
    this.runs = cases.map((made, n) => ({ record: recordOf(made, n), made }));
  }

  /** What was there when the index was made. */
  async begin(): Promise<void> {
    for (const { record, made } of this.runs) {
      if (made.since === 'new') continue;
      await this.journal.createRun(record);
      if (made.since !== 'ended') await this.end(this.journal, record, made);
    }
  }

  /** What has happened since. */
  async goOn(): Promise<void> {
    for (const { record, made } of this.runs) {
      if (made.since === 'new') await this.journal.createRun(record);
      if (made.since === 'new' || made.since === 'ended') await this.end(this.journal, record, made);
      if (made.since === 'removed') await this.journal.removeRun(record);
      if (made.since === 'damaged') this.damage(record, made);
    }
  }

  /** The runs as they are at the end, except for damage: each keeps its own kind of that. */
  async copyTo(provider: MetadataProvider): Promise<void> {
    for (const { record, made } of this.runs) {
      if (made.since === 'removed') continue;
      await provider.createRun(record);
      await this.end(provider, record, made);
    }
  }

  history(provider: MetadataProvider = this.journal, index?: ConstructorParameters<typeof History>[5]): History {
    return new History(this.store, provider, {} as never, () => this.now, 'test', index);
  }

  private async end(provider: MetadataProvider, record: RunRecord, { end }: Case): Promise<void> {
    if (end === 'unsummarised') {
      const ended = { type: 'run-ended', status: 'failed', at: record.createdAt } as const;
      await provider.append(record, [ended], { expectedLength: 0 });
    } else if (end === 'live') await writeHeartbeat(this.store, record, { host: 'lab', pid: 1, intervalMs: 5_000 });
    else if (end !== 'dead')
      await provider.finishRun(record, { status: end, endedAt: record.createdAt + 1, counts: {} });
  }

  /** Only of a run that is not in the index whole: what it holds is older than the damage. */
  private damage(record: RunRecord, { end }: Case): void {
    const stored = this.store.objects.get(recordKey(record.flow, record.id));
    if (stored && (end === 'live' || end === 'dead' || end === 'unsummarised'))
      stored.bytes = new Uint8Array([1, 2, 3]);
  }
}

function recordOf({ flow, tags, parameters: values }: Case, n: number): RunRecord {
  const id = `01j9zq0000000000000000${String(n).padStart(4, '0')}`;
  return runRecord({ id, flow, number: n, tags, parameters: values, createdAt: START + n * HOUR });
}

async function answers(history: History, query: RunQuery): Promise<string[]> {
  const found: string[] = [];
  for await (const { record, summary, status } of history.list({ ...query, onDamage: () => {} }))
    found.push(`${record.flow}/${record.number} ${status} ${summary?.status}`);
  return found;
}

function openContext(): PluginContext {
  return { projectRoot: root, stateDir: root, get: async () => ({ name: 'memory' }) } as unknown as PluginContext;
}

describe('a list of runs', () => {
  it('is the same with an index that is old as without one', async () => {
    const index = await sqliteIndex().provides.index(openContext());
    await fc.assert(
      fc.asyncProperty(runs, queries, async (cases, asked) => {
        const world = new World(cases);
        await world.begin();
        await updateIndex(world.store, index, { rebuild: true });
        await world.goOn();
        const [plain, indexed] = [world.history(), world.history(world.journal, index)];
        for (const query of asked) expect(await answers(indexed, query)).toEqual(await answers(plain, query));
        await updateIndex(world.store, index);
        for (const query of asked) expect(await answers(indexed, query)).toEqual(await answers(plain, query));
      }),
      { numRuns: 6 },
    );
    await index.close?.();
  });

  it('is the same from a provider that selects runs as from one that does not', async () => {
    let files = 0;
    await fc.assert(
      fc.asyncProperty(runs, queries, async (cases, asked) => {
        const world = new World(cases);
        const provider = await sqliteMetadata({ file: `${++files}.db` }).provides.metadata(openContext());
        await world.copyTo(provider);
        const plain = Object.create(provider, { capabilities: { value: { conditionalAppend: true } } });
        const [selecting, all] = [world.history(provider), world.history(plain)];
        for (const query of asked) expect(await answers(selecting, query)).toEqual(await answers(all, query));
        await provider.close?.();
      }),
      { numRuns: 6 },
    );
  });
});
