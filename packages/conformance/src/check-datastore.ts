import { randomBytes } from 'node:crypto';
import type { Datastore } from '@varve/core/contract';
import { datastoreKit } from './datastore/index.ts';
import { type DatastoreSubject, inParallel } from './datastore/subject.ts';
import { type CaseResult, type RunCasesOptions, runCases } from './run-cases.ts';

export interface CheckDatastoreOptions extends RunCasesOptions {
  /** Key prefix for the cases, without a slash at the end; at most 60 bytes. Default: a fresh one. */
  readonly prefix?: string;
  /** Opens another handle on the same place. Without it the cases about two handles are skipped. */
  readonly reopen?: () => Promise<Datastore>;
}

/**
 * Checks a store in place: runs every case under a scratch prefix and deletes all its objects, also when cases fail.
 * Never closes the store. Rejects only when the scratch objects cannot be deleted.
 */
export async function checkDatastore(store: Datastore, options: CheckDatastoreOptions = {}): Promise<CaseResult[]> {
  const prefix = options.prefix ?? scratchPrefix();
  const { reopen } = options;
  let count = 0;
  const open = async () => {
    count += 1;
    const subject: DatastoreSubject = {
      store,
      prefix: `${prefix}/${count}`,
      ...(reopen === undefined ? {} : { reopen }),
    };
    return { subject, close: () => deleteUnder(store, `${subject.prefix}/`) };
  };
  try {
    return await runCases(datastoreKit, open, options);
  } finally {
    await deleteUnder(store, `${prefix}/`);
  }
}

/** Makes a fresh key prefix. */
export function scratchPrefix(): string {
  return `check-${randomBytes(6).toString('hex')}`;
}

/** Deletes every object under a prefix. */
export async function deleteUnder(store: Datastore, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  await inParallel(keys.length, 32, async (index) => {
    const key = keys[index];
    if (key !== undefined) await store.delete(key);
  });
}
