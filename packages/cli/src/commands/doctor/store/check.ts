import type { Datastore } from '@varve/core/contract';
import { systemClock } from '@varve/core/internal';
import type { Composition } from '@varve/runtime';
import { type Diagnosis, ok, problemOf, skipped } from '../diagnosis.ts';
import { missingFolders } from '../new-folders.ts';
import { isReadOnly, judgeTrial } from './judge.ts';
import { type Trial, tryStore } from './trial.ts';

/** Ms that one call of the store may take. */
const WAIT = 30_000;

export interface StoreCheck {
  readonly diagnoses: readonly Diagnosis[];
  /** Folders of this machine that the store writes to. */
  readonly folders: readonly string[];
  /** Those of them that were not there before. */
  readonly made: readonly string[];
  /** This user may only read it. */
  readonly isReadOnly: boolean;
}

/** Opens the store of a stack, tries its calls, and has it look at its own place. */
export async function checkStoreOf(stack: Composition, signal?: AbortSignal): Promise<StoreCheck> {
  let store: Datastore;
  try {
    store = await stack.get('datastore');
  } catch (error) {
    return { diagnoses: [problemOf('store', error)], folders: [], made: [], isReadOnly: false };
  }
  const made = missingFolders(store.folders ?? []);
  const trial = await tryStore(store, {
    clock: systemClock,
    waitMs: WAIT,
    ...(signal !== undefined && { signal }),
  });
  const opened = ok('store', store.name);
  if (signal?.aborted) return { diagnoses: [opened], folders: [], made, isReadOnly: false };
  const place = await inspect(store, trial);
  const diagnoses = [opened, ...judgeTrial(store.name, trial), ...place];
  return { diagnoses, folders: store.folders ?? [], made, isReadOnly: isReadOnly(trial) };
}

async function inspect(store: Datastore, { write, list }: Trial): Promise<Diagnosis[]> {
  if (store.inspect === undefined) {
    if ((store.folders?.length ?? 0) > 0) return [];
    const message = `${store.name} does not say what its service does with objects by itself.`;
    return [
      skipped('rules', message, 'Make sure that no rule of the service deletes objects, nor keeps all old versions.'),
    ];
  }
  // It would only fail like the calls before.
  if (write.kind === 'failed' && list.kind !== 'done') {
    return [skipped('rules', 'The rules of the store were not looked at, as it cannot be used.')];
  }
  try {
    const findings = await store.inspect({ signal: AbortSignal.timeout(WAIT) });
    return findings.map(({ about, ...finding }) => ({ check: about, ...finding }));
  } catch (error) {
    const { message, code, mend } = problemOf('rules', error);
    const failed = skipped('rules', `The rules of the store could not be looked at: ${message}`, mend);
    return [{ ...failed, ...(code !== undefined && { code }) }];
  }
}
