import { type CallOptions, type Datastore, type RunListing, type RunRecord, VarveError } from '@varve/core/contract';
import {
  CAS,
  DatastoreJournal,
  decodeEnvelope,
  NUMBERS,
  PINS,
  RECORDS,
  RUNS,
  readObject,
  unlessDamaged,
} from '@varve/core/internal';
import { forEach } from '../gc/for-each.ts';
import type { Survey } from './survey.ts';

/** Prefixes of everything that is copied. */
const COPIED = [CAS, RUNS, RECORDS, NUMBERS, 'cache/', PINS];

/** Sizes by key of what a store holds already. */
export async function listTarget(store: Datastore, options: CallOptions): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const list = async (prefix: string) => {
    for await (const { key, size } of store.list(prefix, options)) sizes.set(key, size);
  };
  await Promise.all(COPIED.map(list));
  return sizes;
}

/** Two stores and what is known of them. */
export interface Sides extends CallOptions {
  readonly source: Datastore;
  readonly target: Datastore;
  readonly survey: Pick<Survey, 'numbers' | 'runs'>;
  readonly there: ReadonlyMap<string, number>;
  readonly concurrency: number;
}

/** Throws `VARVE_COPY_CONFLICT` when a number names another run in each of the stores. */
export async function refuseConflicts(sides: Sides): Promise<void> {
  const { source, target, survey, there, concurrency, signal } = sides;
  const options = signal ? { signal } : {};
  const shared = survey.numbers.filter(({ key }) => there.has(key));
  const taken: string[] = [];
  await forEach(shared, { width: concurrency, ...options }, async ({ key }) => {
    const [here, other] = await Promise.all([readObject(source, key, options), readObject(target, key, options)]);
    if (here && other && Buffer.compare(here, other) !== 0) taken.push(key);
  });
  if (taken.length > 0) throw await conflictError(taken.sort(), sides);
}

/** Most conflicts that are described one by one. */
const DESCRIBED = 20;

/** The error for numbers that name different runs. Reads what both stores know of these runs. */
export async function conflictError(keys: readonly string[], sides: Sides): Promise<VarveError> {
  const { source, target } = sides;
  const shown = await Promise.all(
    keys.slice(0, DESCRIBED).map(async (key) => {
      const [here, other] = await Promise.all([describe(source, key), describe(target, key)]);
      const name = here.name ?? other.name ?? key;
      return {
        code: 'VARVE_COPY_CONFLICT',
        message: `${name} is ${here.text} in ${source.name}, but ${other.text} in ${target.name}`,
      };
    }),
  );
  const count = keys.length === 1 ? 'one number names' : `${keys.length} numbers name`;
  return new VarveError('VARVE_COPY_CONFLICT', `Nothing was overwritten: ${count} another run in the target.`, {
    findings: shown,
    hint: 'Runs keep their numbers, so two histories of one flow cannot become one: copy to a folder or prefix of its own, or read this one with --profile.',
  });
}

interface Described {
  readonly name?: string;
  readonly text: string;
}

/** `run 01j9zq… of 2026-11-29T20:15:00Z`, as well as that can be told. */
async function describe(store: Datastore, key: string): Promise<Described> {
  const bytes = await readObject(store, key);
  if (!bytes) return { text: 'not there' };
  try {
    const { flow, run } = decodeEnvelope('number', bytes, key) as { readonly flow: string; readonly run: string };
    const name = `${flow}/${Number(key.slice(key.lastIndexOf('/') + 1))}`;
    const listing = await unlessDamaged<RunListing | undefined>(new DatastoreJournal(store).run(flow, run), () => {});
    return { name, text: `run ${run}${whenOf(listing?.record)}` };
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    return { text: 'damaged' };
  }
}

function whenOf(record: RunRecord | undefined): string {
  return record ? ` of ${new Date(record.createdAt).toISOString()}` : '';
}
