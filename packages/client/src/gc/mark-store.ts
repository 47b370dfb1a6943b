import {
  type CallOptions,
  type Datastore,
  type Digest,
  type MetadataProvider,
  type ObjectInfo,
  type Reference,
  type RunEvent,
  type RunRecord,
  VarveError,
} from '@varve/core/contract';
import {
  type ArtifactStore,
  blobKey,
  CODE_CODEC,
  DIR_CODEC,
  decodeCode,
  decodeManifest,
  decodePage,
  loadPage,
  type Page,
  readAhead,
  readBatches,
  referencesOf,
  runPrefix,
} from '@varve/core/internal';

import type { ReadPage } from './choose.ts';

/** Objects read at once. */
const WIDTH = 16;

/** The stores that marking reads from. */
export interface MarkSources extends CallOptions {
  readonly store: Datastore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  /** The provider of events, unless they are in the store. */
  readonly metadata: MetadataProvider | undefined;
  /** Called for each object that cannot be read, or the prefix of a run's: the marks are incomplete from then on. */
  readonly onUnreadable: (error: VarveError, object: string) => void;
}

/** Marks everything that these runs refer to, from their journals. */
export async function markRuns(marks: Marks, runs: readonly RunRecord[], sources: MarkSources): Promise<void> {
  const mark = (record: RunRecord) =>
    unlessUnreadable(runPrefix(record.flow, record.id), () => markRun(marks, record, sources), sources);
  for await (const _ of readAhead(runs, WIDTH, mark));
}

async function markRun(marks: Marks, record: RunRecord, sources: MarkSources): Promise<void> {
  const { store, metadata } = sources;
  const options = callOptions(sources);
  marks.addRecord(record);
  if (metadata) {
    for await (const event of metadata.events(record, options)) marks.addEvent(event);
    return;
  }
  for await (const batch of readBatches(store, record.flow, record.id, options)) {
    for (const event of batch.events) marks.addEvent(event);
    if (batch.events.length < batch.count) throw newerEvents(record);
  }
}

/** Reads every page that is not damaged. */
export async function readAllPages(pages: readonly ObjectInfo[], sources: MarkSources): Promise<ReadPage[]> {
  const read = (info: ObjectInfo) =>
    unlessUnreadable(
      info.key,
      async () => {
        const stored = await loadPage(sources.store, info, callOptions(sources));
        return stored && { info, page: decodePage(stored) };
      },
      sources,
    );
  const all: ReadPage[] = [];
  for await (const page of readAhead(pages, WIDTH, read)) if (page) all.push(page);
  return all;
}

/** Marks the files of marked folders and code manifests. */
export async function followManifests(marks: Marks, sources: MarkSources): Promise<void> {
  for (let found = marks.takeManifests(); found.length > 0; found = marks.takeManifests()) {
    const read = (reference: Reference) =>
      unlessUnreadable(objectOf(reference), () => blobsIn(reference, sources), sources);
    for await (const blobs of readAhead(found, WIDTH, read)) for (const blob of blobs ?? []) marks.addBlob(blob);
  }
}

/** Key of the object that holds the bytes of a reference. */
export function objectOf({ digest, at }: Reference): string {
  return at?.object ?? blobKey(digest);
}

/** The artifacts that a folder or the code of a run consists of. */
async function blobsIn(reference: Reference, sources: MarkSources): Promise<readonly Blob[]> {
  const bytes = await sources.artifacts.read(reference, callOptions(sources));
  if (reference.codec === DIR_CODEC) return decodeManifest(bytes);
  return reference.codec === CODE_CODEC ? decodeCode(bytes).files.filter(({ text }) => text === undefined) : [];
}

/** The call options alone, for calls of the store. */
export function callOptions({ signal }: CallOptions): CallOptions {
  return signal ? { signal } : {};
}

async function unlessUnreadable<T>(
  object: string,
  read: () => Promise<T>,
  { onUnreadable }: MarkSources,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    onUnreadable(error, object);
    return undefined;
  }
}

function newerEvents({ flow, number }: RunRecord): VarveError {
  return new VarveError('VARVE_FORMAT_VERSION', `${flow}/${number} holds events that this varve does not know.`, {
    hint: 'A later version of varve wrote it. Use that version.',
  });
}

type Blob = Pick<Reference, 'digest' | 'size'>;

/** The live part of the store: blobs, and parts of commit batches. */
export class Marks {
  /** By key: bytes of the artifact, whatever its object takes. */
  private readonly blobs = new Map<string, number>();
  /** By batch: the length of each needed part by its offset. */
  private readonly parts = new Map<string, Map<number, number>>();
  private readonly manifests = new Map<Digest, Reference>();
  private readonly followed = new Set<Digest>();
  /** `Flow/number/task` of results that marked runs took from other runs. */
  readonly used = new Set<string>();

  add(reference: Reference): void {
    const { digest, codec, at } = reference;
    if (!at) this.addBlob(reference);
    else {
      const parts = this.parts.get(at.object) ?? new Map<number, number>();
      this.parts.set(at.object, parts.set(at.offset, at.length));
    }
    if (isManifest(codec) && !this.followed.has(digest)) this.manifests.set(digest, reference);
  }

  addBlob({ digest, size }: Blob): void {
    this.blobs.set(blobKey(digest), size);
  }

  addRecord({ code }: RunRecord): void {
    if (code) this.add(code);
  }

  addEvent(event: RunEvent): void {
    if (event.type === 'run-keyed') for (const { components } of Object.values(event.steps)) this.add(components);
    if (event.type === 'task-succeeded') {
      for (const reference of Object.values(event.writes)) this.add(reference);
      if (event.from !== undefined) this.used.add(event.from);
    }
    if ('log' in event && event.log) this.add(event.log);
  }

  addPage({ entries }: Page): void {
    for (const entry of entries) for (const reference of referencesOf(entry)) this.add(reference);
  }

  /** Manifests that have not been followed yet. Each is returned once. */
  takeManifests(): Reference[] {
    const taken = [...this.manifests.values()];
    for (const { digest } of taken) this.followed.add(digest);
    this.manifests.clear();
    return taken;
  }

  /** The needed blobs: key, and bytes of the artifact. */
  neededBlobs(): Iterable<readonly [key: string, size: number]> {
    return this.blobs;
  }

  /** Keys of the batches with needed parts. */
  batchKeys(): Iterable<string> {
    return this.parts.keys();
  }

  hasBlob(key: string): boolean {
    return this.blobs.has(key);
  }

  /** Number of needed bytes of a batch; `undefined` when nothing refers to it. */
  bytesOf(object: string): number | undefined {
    const parts = this.parts.get(object);
    return parts && [...parts.values()].reduce((sum, length) => sum + length, 0);
  }
}

/** Codecs of values that name further objects. */
const MANIFESTS: readonly string[] = [CODE_CODEC, DIR_CODEC];

function isManifest(codec: string): boolean {
  return MANIFESTS.includes(codec);
}
