import { randomUUID } from 'node:crypto';
import type { CallOptions, Datastore, MetadataProvider } from '../../contract/index.ts';
import { createOnce } from '../objects/body.ts';
import { encodeEnvelope } from '../objects/envelope.ts';
import { numberOfKey, padNumber } from '../objects/keys.ts';
import { encodeBatch } from './batch.ts';
import { DatastoreJournal } from './journal-store.ts';

export interface FenceOptions extends CallOptions {
  /** Holds the journal of the run; by default the store does. */
  readonly metadata?: MetadataProvider | undefined;
}

/**
 * Takes a run over from the process that drives it, which writes nothing more to it from here on. `prefix`: that of its
 * objects, `by`: what takes it over. Read its journal after this, never before.
 */
export async function fenceRun(
  store: Datastore,
  prefix: string,
  by: string,
  { metadata, ...options }: FenceOptions = {},
): Promise<void> {
  if (!metadata || metadata instanceof DatastoreJournal) await seal(store, prefix, options);
  await createOnce(store, `${prefix}fence`, [encodeEnvelope('fence', { by })], options);
}

/**
 * Puts an empty batch behind the last one. The process that wrote the others finds the place of its next batch taken, and
 * stops; so it need not ask the store after each batch whether another process has taken the run over.
 */
async function seal(store: Datastore, prefix: string, options: CallOptions): Promise<void> {
  // An id has nothing in it that a key must encode.
  const runId = prefix.split('/').at(-2) ?? '';
  for (;;) {
    let batch = 0;
    for await (const { key } of store.list(`${prefix}batch/`, options))
      batch = Math.max(batch, (numberOfKey(key) ?? -1) + 1);
    const key = `${prefix}batch/${padNumber(batch)}`;
    const content = { runId, batch, first: 0, writer: randomUUID(), events: [], blobs: new Map() };
    if (await createOnce(store, key, encodeBatch(key, content, () => undefined).parts, options)) return;
  }
}
