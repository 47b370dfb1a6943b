import type { Datastore, MetadataProvider, Reference, RunEvent, RunListing, RunRecord } from '@varve/core/contract';
import {
  ArtifactStore,
  blobKey,
  bodyOf,
  type CacheEntry,
  CODE_CODEC,
  CommitWriter,
  createPage,
  DatastoreJournal,
  decodePage,
  encodeCode,
  encodeEnvelope,
  encodeManifest,
  numberKey,
} from '@varve/core/internal';
import { collect as all, bytesOf, ManualClock, MemoryStore, referenceOf, runRecord } from '@varve/test-support';
import { collect, type GcOptions, type GcPlan, planCollection } from '../../src/gc/collect.ts';

export const DAY = 86_400_000;
export const KEY = 'ab'.repeat(32);

/** Options of a run in the world. */
export interface Shape {
  readonly flow?: string;
  readonly origin?: string;
  /** The run whose results it takes over. */
  readonly from?: MadeRun;
  /** Writes no end. */
  readonly unfinished?: boolean;
  readonly withoutPage?: boolean;
}

export interface MadeRun {
  readonly record: RunRecord;
  readonly small: Reference;
  /** An object of its own. */
  readonly large: Reference;
  /** A folder of two files, one of them the same in every run. */
  readonly folder: Reference;
  readonly log: Reference;
}

/** A store filled by the writers that real runs use, with a day between two runs. */
export class World {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore({ now: () => this.clock.now() });
  readonly artifacts = new ArtifactStore({ store: this.store });
  /** With `external`, events are kept there, and only bytes are in the store. */
  constructor(readonly external?: MetadataProvider) {}
  private made = 0;
  private readonly numbers = new Map<string, number>();

  private get metadata(): MetadataProvider {
    return this.external ?? new DatastoreJournal(this.store);
  }

  get parts() {
    return this.partsOf(this.store);
  }

  /** The same world through another store. */
  partsOf(store: Datastore) {
    return { store, artifacts: new ArtifactStore({ store }), metadata: this.external, clock: this.clock };
  }

  async runs(count: number, shape: Shape = {}): Promise<MadeRun[]> {
    const made: MadeRun[] = [];
    for (let i = 0; i < count; i++) made.push(await this.run(shape));
    return made;
  }

  async run(shape: Shape = {}): Promise<MadeRun> {
    await this.clock.advance(DAY);
    const flow = shape.flow ?? 'Penguins';
    const number = (this.numbers.get(flow) ?? 0) + 1;
    this.numbers.set(flow, number);
    const id = `01j9zq${String(++this.made).padStart(20, '0')}`;
    const code = await this.code(number);
    const { origin } = shape;
    const createdAt = this.clock.now();
    const record = runRecord({ id, flow, number, createdAt, code, ...(origin !== undefined && { origin }) });
    const { store, clock } = this;
    const writer = new CommitWriter({ store, run: record, clock, ...(this.external && { metadata: this.external }) });
    await writer.begin();
    await store.put(numberKey(flow, number), bodyOf([encodeEnvelope('number', { flow, run: id })]));
    const run = await this.task(writer, record, shape.from);
    if (!shape.unfinished) await writer.end({ status: 'succeeded', endedAt: clock.now(), counts: { succeeded: 1 } });
    writer.close();
    if (!shape.withoutPage && !shape.from) await this.page(run);
    return run;
  }

  collect(options: Partial<GcOptions> = {}, store: Datastore = this.store): Promise<GcPlan> {
    return collect(this.partsOf(store), { keepLast: 2, olderMs: 5 * DAY, ...options });
  }

  plan(options: Partial<GcOptions> = {}): Promise<GcPlan> {
    return planCollection(this.parts, { keepLast: 2, olderMs: 5 * DAY, ...options });
  }

  /** `Penguins/3`, newest first, of all flows. */
  async listed(): Promise<string[]> {
    return (await this.listings()).map(({ record }) => `${record.flow}/${record.number}`);
  }

  listings(): Promise<RunListing[]> {
    return all(this.metadata.runs({}));
  }

  /** Reads everything that a listed run or a page refers to. Rejects when anything is missing or damaged. */
  async readAll(): Promise<number> {
    const artifacts = new ArtifactStore({ store: this.store });
    const references = [...(await this.referencesOfRuns()), ...this.referencesOfPages()];
    for (const reference of references) await this.readOne(artifacts, reference);
    return references.length;
  }

  private async readOne(artifacts: ArtifactStore, reference: Reference): Promise<void> {
    const bytes = await artifacts.read(reference);
    if (reference.codec !== 'code/1' && reference.codec !== 'dir/1') return;
    const { files } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { files: (string[] | { digest: string })[] };
    for (const file of files) {
      const digest = Array.isArray(file) ? (file[2] ?? '') : file.digest;
      if (!this.store.objects.has(blobKey(digest))) throw new Error(`${digest} is gone`);
    }
  }

  private async referencesOfRuns(): Promise<Reference[]> {
    const found: Reference[] = [];
    for (const { record } of await this.listings()) {
      if (record.code) found.push(record.code);
      for await (const event of this.metadata.events(record)) found.push(...referencesIn(event));
    }
    return found;
  }

  private referencesOfPages(): Reference[] {
    return this.store.keys('cache/v1/').flatMap((key) => {
      const { entries } = decodePage({ bytes: this.store.bytes(key), key, modifiedAt: 0 });
      return entries.flatMap(({ writes, log }) => [...Object.values(writes), ...(log ? [log] : [])]);
    });
  }

  /** Two source files, one of them the same in every run. */
  private async code(n: number): Promise<Reference> {
    const texts = ['shared source', `source ${n}`];
    const stored = await Promise.all(texts.map((text) => this.artifacts.put([bytesOf(text)], 'source/1')));
    const files = stored.map(({ digest, size }, i) => ({ path: `${i}.ts`, digest, size, imports: [] }));
    return this.artifacts.put([encodeCode({ entry: '0.ts', emit: {}, files })], CODE_CODEC);
  }

  private async task(writer: CommitWriter, record: RunRecord, from: MadeRun | undefined): Promise<MadeRun> {
    const name = `${record.flow} ${record.number}`;
    const texts = [`small ${name}`, `log ${name}`, `key ${name}`];
    const [small, log, components] = texts.map(referenceOf) as [Reference, Reference, Reference];
    const large = await this.artifacts.put([bytesOf(`large ${name}`)], 'raw/1');
    const folder = await this.folder(name);
    const at = this.clock.now();
    writer.append(
      { type: 'run-keyed', at, steps: { work: { key: KEY, components: { ...components, codec: 'step-key/1' } } } },
      new Map([[components.digest, bytesOf(texts[2] ?? '')]]),
    );
    const own = { small, large, folder };
    const taken = from && { small: from.small, large: from.large, folder: from.folder };
    const event: RunEvent = {
      ...{ type: 'task-succeeded', at, task: 'work', attempt: 1, ms: 3, log },
      ...{ via: from ? 'cached' : 'executed', writes: taken ?? own },
      ...(from && { from: `${from.record.flow}/${from.record.number}/work` }),
    };
    const bytes = [small, log].map((reference, i) => [reference.digest, bytesOf(texts[i] ?? '')] as const);
    writer.append(event, new Map(bytes));
    await writer.flush();
    const placed = (reference: Reference) => {
      const place = writer.locate(reference.digest);
      return place ? { ...reference, at: place } : reference;
    };
    return { record, small: placed(small), large, folder, log: placed(log) };
  }

  private async folder(name: string): Promise<Reference> {
    const files = ['shared file', `file ${name}`];
    const stored = await Promise.all(files.map((text) => this.artifacts.put([bytesOf(text)], 'file/1')));
    const entries = stored.map(({ digest, size }, i) => ({ path: `${i}`, digest, size, executable: false }));
    return this.artifacts.put([encodeManifest(entries)], 'dir/1');
  }

  private async page({ record, small, large, folder, log }: MadeRun): Promise<void> {
    const origin = { flow: record.flow, runId: record.id, number: record.number };
    const entry: CacheEntry = {
      ...{ task: 'work', label: 'work', reads: ['rows'], tokens: [`${record.number}`], deletes: [], ms: 3 },
      ...{ writes: { small, large, folder }, log, generation: 0, origin, at: 0 },
    };
    await createPage(this.store, { key: KEY, step: 'work', entries: [entry], origin }, record.id, 0);
  }
}

function referencesIn(event: RunEvent): Reference[] {
  if (event.type === 'run-keyed') return Object.values(event.steps).map(({ components }) => components);
  if (event.type !== 'task-succeeded') return [];
  return [...Object.values(event.writes), ...(event.log ? [event.log] : [])];
}
