import { randomBytes } from 'node:crypto';
import type { Datastore } from '@varve/core/contract';
import { datastoreKit } from './datastore/index.ts';
import { type DatastoreSubject, inParallel } from './datastore/subject.ts';
import { type CaseResult, type RunCasesOptions, runCases } from './run-cases.ts';

export interface CheckDatastoreOptions extends RunCasesOptions {
  /** Folder of keys under which the cases work, without a slash at the end; at most 60 bytes. A fresh one unless given. */
  readonly prefix?: string;
  /** Opens another handle on the same place; without it the cases about two handles are skipped. */
  readonly reopen?: () => Promise<Datastore>;
}

/**
 * Proves a store where it is: runs every case under a scratch prefix and deletes what they wrote, also when some fail.
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

/** A folder of keys that nobody else uses. */
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
