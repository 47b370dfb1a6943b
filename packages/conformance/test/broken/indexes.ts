import type { IndexedRun, IndexSnapshot, RunIndex } from '@varve/core/contract';
import { MemoryIndex } from '../reference/memory-index.ts';

type Held = Map<string, IndexedRun>;

export interface BrokenIndex {
  readonly mistake: string;
  /** Names of cases that must fail. Others may fail, too. */
  readonly failing: readonly string[];
  open(held: Held): RunIndex;
}

function broken(mistake: string, failing: string, override: (good: MemoryIndex) => Partial<RunIndex>): BrokenIndex {
  const open = (held: Held) => Object.assign(new MemoryIndex(held), override(new MemoryIndex(held)));
  return { mistake, failing: [failing], open };
}

/** An index whose snapshots have one mistake. */
function misread(
  mistake: string,
  failing: string,
  override: (good: IndexSnapshot) => Partial<IndexSnapshot>,
): BrokenIndex {
  return broken(mistake, failing, (index) => ({
    async snapshot(options) {
      const good = await index.snapshot(options);
      const rest = { known: good.known.bind(good), runs: good.runs.bind(good), close: good.close.bind(good) };
      return { ...rest, ...override(good) };
    },
  }));
}

const ORDER = 'gives runs back as they were put, newest first';
const SELECTED = 'leaves out the runs that are not selected, and no other';
const TWO = 'takes what two handles put at once, and can be closed twice';

/** Every known mistake of indexes. */
export const brokenIndexes: readonly BrokenIndex[] = [
  broken('has no name', 'has a name to show', () => ({ name: ' ' })),
  misread('tells of a run that it does not hold', 'holds nothing at first', (good) => ({
    known: async (flow) => new Map([...(await good.known(flow)), ['records/_pen/0', true]]),
  })),
  misread('gives runs in the order in which they were put', ORDER, (good) => ({
    async *runs(query) {
      const known = [...(await good.known(query.flow)).keys()];
      const found = new Map<string, IndexedRun>();
      for await (const run of good.runs(query)) found.set(run.key, run);
      for (const key of known) if (found.has(key)) yield found.get(key) as IndexedRun;
    },
  })),
  misread('drops the summaries', ORDER, (good) => ({
    async *runs(query) {
      for await (const { key, listing } of good.runs(query)) yield { key, listing: { record: listing.record } };
    },
  })),
  misread('knows the runs of all flows', 'knows the keys of its runs, and which have a summary', (good) => ({
    known: () => good.known(),
  })),
  broken('keeps the first of two', 'takes the summary of a run that has ended since, and keeps it', (good) => ({
    put: (runs, options) =>
      good.put(
        runs.filter(({ key }) => !good.held.has(key)),
        options,
      ),
  })),
  misread('leaves out runs that have not ended', SELECTED, (good) => ({
    async *runs(query) {
      for await (const run of good.runs(query)) if (!query.where?.ended || run.listing.summary) yield run;
    },
  })),
  misread('takes one tag for all of them', SELECTED, (good) => ({
    async *runs({ where: { tags = [], ...where } = {}, ...query }) {
      yield* good.runs({ ...query, where: { ...where, tags: tags.slice(0, 1) } });
    },
  })),
  broken('shows a snapshot what was put later', 'keeps a snapshot as it was', (good) => ({
    snapshot: async () => ({
      known: async (flow) => (await good.snapshot()).known(flow),
      async *runs(query) {
        yield* (await good.snapshot()).runs(query);
      },
      close: async () => {},
    }),
  })),
  broken('takes out by the start of the key', 'takes runs out, and does not mind those that are not there', (good) => ({
    remove: (keys, options) =>
      good.remove(
        [...good.held.keys()].filter((key) => keys.some((start) => key.startsWith(start))),
        options,
      ),
  })),
  broken('clears what has ended', 'is empty when it was cleared, and serves again', (good) => ({
    async clear() {
      for (const [key, { listing }] of good.held) if (listing.summary) good.held.delete(key);
    },
  })),
  broken('loses what another handle puts', TWO, () => {
    const own = new MemoryIndex(new Map());
    return { put: own.put.bind(own) };
  }),
  broken('throws when it is closed again', TWO, () => {
    let closed = false;
    return {
      async close() {
        if (closed) throw new Error('not open');
        closed = true;
      },
    };
  }),
  broken('looks at no signal', 'rejects every call that was aborted before with the reason', (good) => ({
    put: (runs) => good.put(runs),
  })),
];
