import { decodePage } from '../../cache/read-page.ts';
import {
  type CallOptions,
  type Datastore,
  type Digest,
  type MetadataProvider,
  type ObjectInfo,
  type Reference,
  type RunRecord,
  VarveError,
} from '../../contract/index.ts';
import type { ArtifactStore } from '../../store/artifacts/artifact-store.ts';
import { CODE_CODEC, decodeCode } from '../../store/artifacts/code-manifest.ts';
import { DIR_CODEC, decodeManifest } from '../../store/artifacts/dir-manifest.ts';
import { readBatches } from '../../store/journal/batch-reader.ts';
import { readAhead } from '../../store/journal/read-ahead.ts';
import { readObject } from '../../store/objects/body.ts';

import type { ReadPage } from './choose-pages.ts';
import type { Marks } from './marks.ts';

/** Objects read at once. */
const WIDTH = 16;

/** Where what is needed is read from. */
export interface MarkSources extends CallOptions {
  readonly store: Datastore;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
  /** Where events are, unless they are in the store. */
  readonly metadata: MetadataProvider | undefined;
  /** Hears of what cannot be read: from then on nobody knows what is needed. */
  readonly onUnreadable: (error: VarveError) => void;
}

/** Everything that these runs refer to, from their journals. */
export async function markRuns(marks: Marks, runs: readonly RunRecord[], sources: MarkSources): Promise<void> {
  const mark = (record: RunRecord) => unlessUnreadable(() => markRun(marks, record, sources), sources);
  for await (const _ of readAhead(runs, WIDTH, mark));
}

async function markRun(marks: Marks, record: RunRecord, sources: MarkSources): Promise<void> {
  const { store, metadata } = sources;
  const options = optionsOf(sources);
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

/** Every page that can be read. */
export async function readAllPages(pages: readonly ObjectInfo[], sources: MarkSources): Promise<ReadPage[]> {
  const read = (info: ObjectInfo) =>
    unlessUnreadable(async () => {
      const bytes = await readObject(sources.store, info.key, optionsOf(sources));
      return bytes && { info, page: decodePage(bytes, info.key, info.modifiedAt) };
    }, sources);
  const all: ReadPage[] = [];
  for await (const page of readAhead(pages, WIDTH, read)) if (page) all.push(page);
  return all;
}

/** Lists of files name further objects, and these are needed too. */
export async function followManifests(marks: Marks, sources: MarkSources): Promise<void> {
  for (let found = marks.takeManifests(); found.length > 0; found = marks.takeManifests()) {
    const read = (reference: Reference) => unlessUnreadable(() => digestsIn(reference, sources), sources);
    for await (const digests of readAhead(found, WIDTH, read))
      for (const digest of digests ?? []) marks.addBlob(digest);
  }
}

async function digestsIn(reference: Reference, sources: MarkSources): Promise<Digest[]> {
  const bytes = await sources.artifacts.read(reference, optionsOf(sources));
  if (reference.codec === DIR_CODEC) return decodeManifest(bytes).map(({ digest }) => digest);
  return reference.codec === CODE_CODEC ? decodeCode(bytes).files.map(({ digest }) => digest) : [];
}

function optionsOf({ signal }: CallOptions): CallOptions {
  return signal ? { signal } : {};
}

async function unlessUnreadable<T>(read: () => Promise<T>, { onUnreadable }: MarkSources): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    onUnreadable(error);
    return undefined;
  }
}

function newerEvents({ flow, number }: RunRecord): VarveError {
  return new VarveError('VARVE_FORMAT_VERSION', `${flow}/${number} holds events that this varve does not know.`, {
    hint: 'A later version of varve wrote it. Use that version.',
  });
}
