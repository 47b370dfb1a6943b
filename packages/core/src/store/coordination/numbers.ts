import { monotonicFactory } from 'ulid';
import type { CallOptions, Datastore } from '../../contract/index.ts';
import { createOnce, readObject } from '../objects/body.ts';
import { decodeEnvelope, encodeEnvelope, readStored } from '../objects/envelope.ts';
import { numberKey, numberOfKey, numbersPrefix } from '../objects/keys.ts';
import { asFields, asString } from '../objects/shape.ts';

/**
 * Takes the next free number of a flow for a run: numbers are small, start at 1 and are never given twice, also when
 * several processes ask at the same time. A run that was never recorded leaves a gap.
 */
export async function allocateRunNumber(
  store: Datastore,
  flow: string,
  runId: string,
  options: CallOptions = {},
): Promise<number> {
  const parts = [encodeEnvelope('number', { flow, run: runId })];
  let number = (await highestNumber(store, flow, options)) + 1;
  while (!(await createOnce(store, numberKey(flow, number), parts, options))) number++;
  return number;
}

/** The id of run `number` of a flow; `undefined` when the number was never given. */
export async function findRunId(
  store: Datastore,
  flow: string,
  number: number,
  options: CallOptions = {},
): Promise<string | undefined> {
  const key = numberKey(flow, number);
  const bytes = await readObject(store, key, options);
  if (!bytes) return undefined;
  return readStored(key, () => {
    const fields = asFields(decodeEnvelope('number', bytes, key), '');
    return asString(fields.run, '.run');
  });
}

/** Highest number given so far; 0 for none. */
export async function highestNumber(store: Datastore, flow: string, options: CallOptions = {}): Promise<number> {
  let highest = 0;
  for await (const { key } of store.list(numbersPrefix(flow), options))
    highest = Math.max(highest, numberOfKey(key) ?? 0);
  return highest;
}

/**
 * Creates ids of runs: 26 lower-case characters that sort by creation time, also within one millisecond of one process.
 * They are ULIDs in lower case, because keys have no upper case.
 */
export function createRunIds(now: () => number): () => string {
  const next = monotonicFactory();
  return () => next(now()).toLowerCase();
}
