import type { CallOptions, Datastore } from '@varve/core/contract';
import { partsOfRecordKey, RECORDS, type RecordKeyParts, recordsPrefix } from '@varve/core/internal';

/** The records of the runs of one flow, or of all flows, by key. */
export async function listRecords(
  store: Datastore,
  flow: string | undefined,
  options: CallOptions = {},
): Promise<Map<string, RecordKeyParts>> {
  const found = new Map<string, RecordKeyParts>();
  for await (const { key } of store.list(flow === undefined ? RECORDS : recordsPrefix(flow), options)) {
    const parts = partsOfRecordKey(key);
    if (parts) found.set(key, parts);
  }
  return found;
}
