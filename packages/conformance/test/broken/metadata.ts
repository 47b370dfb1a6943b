import { setImmediate } from 'node:timers/promises';
import {
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  StoreError,
} from '@varve/core/contract';
import { type Journals, listing, MemoryMetadata } from '../reference/memory-metadata.ts';

export interface BrokenMetadata {
  readonly mistake: string;
  /** Names of cases that must fail. Others may fail, too. */
  readonly failing: readonly string[];
  open(journals: Journals): MetadataProvider;
}

function broken(
  mistake: string,
  failing: readonly string[],
  override: (good: MemoryMetadata) => Partial<MetadataProvider>,
): BrokenMetadata {
  const open = (journals: Journals) =>
    Object.assign(new MemoryMetadata(journals), override(new MemoryMetadata(journals)));
  return { mistake, failing, open };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const alive = (run: RunRecord): RunRecord => ({ ...run, tags: run.tags.filter((tag) => tag !== '') });
const throughAssign = (event: RunEvent): RunEvent =>
  'writes' in event ? { ...event, writes: Object.assign({}, event.writes) } : event;

/** Every known mistake of providers. */
export const brokenMetadata: readonly BrokenMetadata[] = [
  broken('has no name', ['has a name to show'], () => ({ name: ' ' })),
  broken('drops empty tags', ['gives a run back as it was created, without a summary'], (good) => ({
    createRun: (run, options) => good.createRun(alive(run), options),
  })),
  broken('looks runs up by the start of their id', ['answers undefined for a run it does not know'], (good) => ({
    async run(flow, id) {
      const found = [...good.journals.values()].find(({ record }) => record.flow === flow && id.startsWith(record.id));
      return found && listing(found);
    },
  })),
  broken(
    'replaces a run that exists',
    ['refuses to create a run twice with already-exists, and keeps the first'],
    (good) => ({
      createRun: async (run) => void good.journals.set(`${run.flow}\n${run.id}`, { record: run, events: [] }),
    }),
  ),
  broken('keeps the last summary', ['keeps the summary, and the first one of several'], (good) => ({
    async finishRun(run, summary) {
      good.journal(run).summary = summary;
    },
  })),
  broken('sorts runs by number as text', ['lists the runs of a flow, newest first'], (good) => ({
    async *runs(query, options) {
      const found = await collect(good.runs(query, options));
      yield* found.sort((a, b) => (String(a.record.number) < String(b.record.number) ? 1 : -1));
    },
  })),
  broken('finds flows by the start of their name', ['keeps flows apart whose names are alike'], (good) => ({
    async *runs(query, options) {
      for await (const run of good.runs({}, options)) if (run.record.flow.startsWith(query.flow ?? '')) yield run;
    },
  })),
  broken('folds the case of flow names', ['keeps flows apart whose names are alike'], (good) => ({
    async *runs(query, options) {
      for await (const run of good.runs({}, options)) {
        if (query.flow === undefined || run.record.flow.toLowerCase() === query.flow.toLowerCase()) yield run;
      }
    },
  })),
  broken('lists all flows one after the other', ['lists the runs of all flows, newest first'], (good) => ({
    async *runs(query, options) {
      const flows = new Set([...good.journals.values()].map(({ record }) => record.flow));
      for (const flow of flows)
        if (query.flow === undefined || query.flow === flow) yield* good.runs({ flow }, options);
    },
  })),
  broken('selects nothing', ['leaves out the runs that are not selected, and no other'], (good) => ({
    runs: ({ where: _, ...query }, options) => good.runs(query, options),
  })),
  broken(
    'leaves out runs that have not ended',
    ['leaves out the runs that are not selected, and no other'],
    (good) => ({
      async *runs(query, options) {
        for await (const run of good.runs(query, options)) if (!query.where?.ended || run.summary) yield run;
      },
    }),
  ),
  broken(
    'throws for a flow without runs',
    ['lets a reader leave the list of runs early, and lists nothing for a flow without runs'],
    (good) => ({
      async *runs(query, options) {
        const found: RunListing[] = await collect(good.runs(query, options));
        if (found.length === 0) throw new StoreError('not-found', 'no such flow');
        yield* found;
      },
    }),
  ),
  broken(
    'never looks at the signal of an append',
    ['rejects every call that was aborted before with the reason'],
    (good) => ({
      append: (run, events, { expectedLength }) => good.append(run, events, { expectedLength }),
    }),
  ),
  broken(
    'writes a journal when it is closed',
    ['shows another handle at once what it wrote, and can be closed twice'],
    (good) => {
      const waiting: [RunRecord, readonly RunEvent[], { readonly expectedLength: number }][] = [];
      return {
        append: async (...call) => void waiting.push(call),
        async close() {
          for (const call of waiting.splice(0)) await good.append(...call);
        },
      };
    },
  ),
  broken(
    'throws when it is closed again',
    ['shows another handle at once what it wrote, and can be closed twice'],
    () => {
      let closed = false;
      return {
        async close() {
          if (closed) throw new Error('not open');
          closed = true;
        },
      };
    },
  ),
  broken('begins a journal with an event of its own', ['starts a journal empty'], (good) => ({
    async createRun(run, options) {
      await good.createRun(run, options);
      good.journal(run).events.push({ at: 0, type: 'task-started', task: 'init', attempt: 1 });
    },
  })),
  broken(
    'copies names with assign, so that __proto__ is lost',
    ['gives every type of event back with all its fields'],
    (good) => ({
      append: (run, events, options) => good.append(run, events.map(throughAssign), options),
    }),
  ),
  broken('sorts events by time', ['gives every type of event back with all its fields'], (good) => ({
    async *events(run, options) {
      const events = await collect(good.events(run, options));
      yield* events.sort((a, b) => b.at - a.at);
    },
  })),
  broken(
    'names batches by text, so that 10 comes before 2',
    ['keeps the order of events within and between appends', 'keeps a journal of 10,000 events'],
    (good) => {
      const batches: string[] = [];
      return {
        async append(run, events, options) {
          await good.append(run, events, options);
          for (const event of events) batches.push(`${options.expectedLength}/${JSON.stringify(event)}`);
        },
        async *events() {
          for (const batch of [...batches].sort((a, b) =>
            (a.split('/')[0] ?? '' < (b.split('/')[0] ?? '')) ? -1 : 1,
          )) {
            yield JSON.parse(batch.slice(batch.indexOf('/') + 1)) as RunEvent;
          }
        },
      };
    },
  ),
  broken('keeps one journal a flow', ['keeps the journals of runs apart'], (good) => ({
    append: (run, events, options) => good.append(run, events, options),
    async *events(run, options) {
      for (const { record } of good.journals.values())
        if (record.flow === run.flow) yield* good.events(record, options);
    },
  })),
  broken('creates a run that it does not know', ['rejects an append to an unknown run with not-found'], (good) => ({
    async append(run, events, options) {
      if ((await good.run(run.flow, run.id)) === undefined) await good.createRun(run);
      return good.append(run, events, options);
    },
  })),
  broken(
    'appends at any length',
    ['refuses an append at a wrong length with already-exists, and stores none of it'],
    (good) => ({
      append: async (run, events, options) => {
        options.signal?.throwIfAborted();
        good.journal(run).events.push(...events);
      },
    }),
  ),
  broken(
    'looks at the length, then appends',
    ['lets exactly one of 20 appends at the same length win, whole'],
    (good) => ({
      async append(run, events, options) {
        options.signal?.throwIfAborted();
        const journal = good.journal(run);
        if (journal.events.length !== options.expectedLength) throw new StoreError('already-exists', 'another length');
        await setImmediate();
        journal.events.push(...events);
      },
    }),
  ),
  broken('reads the first page of a journal only', ['keeps a journal of 10,000 events'], (good) => ({
    async *events(run, options) {
      yield* (await collect(good.events(run, options))).slice(0, 1000);
    },
  })),
];
