import {
  type CallOptions,
  type Clock,
  type Datastore,
  type Digest,
  type Location,
  type ObjectInfo,
  type Reference,
  type RunEvent,
  VarveError,
} from '../contract/index.ts';
import { CACHE, createOnce, mapReferences, pageKey, pagesPrefix, readObject, withLocation } from '../store/index.ts';
import type { CacheEntry, Producer } from './entry.ts';
import { decodePage, encodePage, type Page, type StoredPage } from './page.ts';
import { StepIndex } from './step-index.ts';
import type { ObservedReads } from './task-key.ts';

/** Pages of a step's key beyond this number are merged. */
const PAGES_MAX = 16;
/** A page with more entries is left alone. */
const MERGED_ENTRIES_MAX = 20_000;
/**
 * Least ms between two rounds of publishing, so that a step of many short tasks does not write one page for each task. It
 * doubles with each round: whoever looks results up reads every page.
 */
const PAUSE_MS = 2_000;
const PAUSE_MAX_MS = 8_000;
const PAGE_ENTRIES_MAX = 5_000;

/** A page that could not be decoded. */
export interface PageFault {
  /** Its key in the store. */
  readonly object: string;
  /** `VARVE_CORRUPT_PAGE`, or `VARVE_FORMAT_VERSION` for a page that another version of varve may read. */
  readonly error: VarveError;
}

/** Every page in the store, of every key. */
export function listPages(store: Datastore, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
  return store.list(CACHE, options);
}

/** All pages of a step's key. Pages that vanish meanwhile were merged into another one: then they are listed again. */
export async function loadPages(store: Datastore, key: string, options: CallOptions = {}): Promise<StoredPage[]> {
  for (let attempt = 0; ; attempt++) {
    const found: ObjectInfo[] = [];
    for await (const info of store.list(pagesPrefix(key), options)) found.push(info);
    const pages = await Promise.all(found.map((info) => loadPage(store, info, options)));
    const there = pages.filter((page) => page !== undefined);
    if (there.length === found.length || attempt === 2) return there.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** One page; `undefined` when it was deleted meanwhile. */
export async function loadPage(
  store: Datastore,
  info: ObjectInfo,
  options: CallOptions = {},
): Promise<StoredPage | undefined> {
  const bytes = await readObject(store, info.key, options);
  return bytes && { key: info.key, modifiedAt: info.modifiedAt, bytes };
}

/** Decodes pages of one step's key. A damaged page is reported and left out. With `key`, so is a page of another key. */
export function readPages(stored: readonly StoredPage[], key?: string): { pages: Page[]; damaged: PageFault[] } {
  const pages: Page[] = [];
  const damaged: PageFault[] = [];
  for (const one of stored) {
    try {
      const page = decodePage(one);
      if (key !== undefined && page.key !== key) throw misplaced(one, page);
      pages.push(page);
    } catch (error) {
      if (!VarveError.is(error)) throw error;
      damaged.push({ object: one.key, error });
    }
  }
  return { pages, damaged };
}

function misplaced({ key }: StoredPage, page: Page): VarveError {
  return new VarveError('VARVE_CORRUPT_PAGE', `${key} holds results of another step's key, ${page.key}`);
}

/**
 * Merges many small pages of a key into one. The new page is written before the old ones are deleted, so at every instant
 * each result is in at least one. Invalidations stay in pages of their own, so that results can be restored. Returns the
 * number of pages that were deleted.
 */
export async function mergePages(
  store: Datastore,
  key: string,
  stored: readonly StoredPage[],
  by: Producer,
  options: CallOptions = {},
): Promise<number> {
  if (stored.length <= PAGES_MAX) return 0;
  const old: string[] = [];
  const index = new StepIndex(key);
  let step = '';
  for (const page of stored) {
    const [read] = readPages([page], key).pages;
    if (!read || read.entries.some((entry) => entry.withdrawn)) continue;
    if (index.size + read.entries.length > MERGED_ENTRIES_MAX) continue;
    step = read.step;
    for (const entry of read.entries) index.add(entry);
    old.push(page.key);
  }
  if (old.length < 2) return 0;
  await createPage(store, { key, step, entries: [...index.entries()], origin: by }, `${by.runId}-m`, 0, options);
  for (const one of old) await store.delete(one, options);
  return old.length;
}

/** Publishes entries under the first free number of this writer. */
export async function createPage(
  store: Datastore,
  page: Page & { readonly origin: Producer; readonly entries: readonly CacheEntry[] },
  writer: string,
  number: number,
  options: CallOptions = {},
): Promise<void> {
  const bytes = encodePage(page);
  for (let n = number; ; n++) if (await createOnce(store, pageKey(page.key, writer, n), [bytes], options)) return;
}

/** Facts about a task that a page stores besides its event. */
export interface PageRecord extends ObservedReads {
  /** The step's key, hex. */
  readonly key: string;
  readonly step: string;
  readonly label: string;
  readonly generation: number;
}

export interface PageWriterOptions {
  readonly store: Datastore;
  readonly origin: Producer;
  readonly clock: Clock;
  /** The place of a small artifact of this run, once it is durable. */
  locate(digest: Digest): Location | undefined;
  /** Source files that have changed since they were compiled: then nothing is published. */
  changedSources(): Promise<readonly string[]>;
  /** Called once with the reason why results cannot be published. The run goes on. */
  onWarning(message: string): void;
}

interface Draft {
  readonly record: PageRecord;
  readonly event: Success;
  readonly sequence: number;
}

type Success = RunEvent & { readonly type: 'task-succeeded' };

/**
 * Publishes the results of one run as pages, once their events are durable. Results that a crash keeps from being
 * published are only executed again.
 */
export class PageWriter {
  private drafts: Draft[] = [];
  private readonly numbers = new Map<string, number>();
  private publishedAt: number;
  private pauseMs = PAUSE_MS;
  private isWaiting = false;
  private readonly closed = new AbortController();
  private publishing: Promise<void> = Promise.resolve();
  private flushed = 0;
  private warned = false;
  private refused = false;

  constructor(private readonly options: PageWriterOptions) {
    this.publishedAt = options.clock.now();
  }

  /** True while there are results to publish. */
  get isOpen(): boolean {
    return this.drafts.length > 0;
  }

  /** `sequence`: number of the event in the journal. */
  add(record: PageRecord, event: RunEvent, sequence: number): void {
    if (event.type === 'task-succeeded') this.drafts.push({ record, event, sequence });
  }

  /** Call when everything up to this sequence number is durable. */
  onFlushed(sequence: number): void {
    this.flushed = sequence;
    if (this.drafts.length === 0) return;
    const restMs = this.publishedAt + this.pauseMs - this.options.clock.now();
    if (restMs > 0) return this.publishIn(restMs);
    this.pauseMs = Math.min(PAUSE_MAX_MS, 2 * this.pauseMs);
    void this.publish();
  }

  /** The event that is durable now may be the last one for a long time. */
  private publishIn(ms: number): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.options.clock.sleep(ms, this.closed.signal).then(
      () => {
        this.isWaiting = false;
        this.onFlushed(this.flushed);
      },
      () => {},
    );
  }

  /** Stops timers: what is not published yet waits for `publish`. */
  close(): void {
    this.closed.abort();
  }

  /** Publishes the results whose events are durable. Never rejects. */
  publish(): Promise<void> {
    this.publishedAt = this.options.clock.now();
    this.publishing = this.publishing.then(() => this.publishReady());
    return this.publishing;
  }

  private async publishReady(): Promise<void> {
    const ready = this.drafts.filter(({ sequence }) => sequence <= this.flushed);
    this.drafts = this.drafts.filter(({ sequence }) => sequence > this.flushed);
    if (ready.length === 0 || this.refused || (await this.sourcesChanged())) return;
    const pages = paginate(ready, ({ record }) => record.key);
    try {
      await Promise.all(pages.map((drafts) => this.write(drafts)));
    } catch (error) {
      this.warn(`results are not kept for other runs: ${(error as Error).message}`);
    }
  }

  private async write(drafts: readonly Draft[]): Promise<void> {
    const { store, origin } = this.options;
    const [first] = drafts;
    if (!first) return;
    const { key, step } = first.record;
    const number = this.numbers.get(key) ?? 0;
    this.numbers.set(key, number + 1);
    const entries = drafts.map(({ record, event }) => this.entryOf(record, event));
    await createPage(store, { key, step, entries, origin }, origin.runId, number);
  }

  private async sourcesChanged(): Promise<boolean> {
    const changed = await this.options.changedSources();
    if (changed.length === 0) return false;
    this.refused = true;
    this.warn(
      `SOURCE_CHANGED ${changed.join(', ')} changed while the flow ran: its results are not kept for other runs`,
    );
    return true;
  }

  private entryOf({ reads, tokens, label, generation }: PageRecord, event: Success): CacheEntry {
    const located = (reference: Reference) => withLocation(reference, (digest) => this.options.locate(digest));
    return {
      task: event.task,
      label,
      reads,
      tokens,
      writes: mapReferences(event.writes, located),
      deletes: event.deletes ?? [],
      ...(event.log && { log: located(event.log) }),
      ms: event.ms,
      generation,
      origin: this.options.origin,
      at: 0,
    };
  }

  private warn(message: string): void {
    if (!this.warned) this.options.onWarning(message);
    this.warned = true;
  }
}

/** Splits items into pages: one key a page, and at most `PAGE_ENTRIES_MAX` items. */
export function paginate<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const byKey = new Map<string, T[][]>();
  for (const item of items) {
    const key = keyOf(item);
    const pages = byKey.get(key) ?? [];
    byKey.set(key, pages);
    const last = pages.at(-1);
    if (last && last.length < PAGE_ENTRIES_MAX) last.push(item);
    else pages.push([item]);
  }
  return [...byKey.values()].flat();
}
