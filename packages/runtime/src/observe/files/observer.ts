import { AsyncLocalStorage } from 'node:async_hooks';
import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import type { AnyFunction } from '../shared/disguise.ts';
import { SeenFiles, type Surroundings } from './seen-files.ts';

let around: Surroundings | undefined;
const seen = new WeakMap<AmbientInputs, SeenFiles>();
/** The last ones that were looked up: a task reads many files in a row. */
let lastInputs: AmbientInputs | undefined;
let lastSeen: SeenFiles | undefined;
/** Synchronous calls under way that Node makes out of other calls. */
let quiet = 0;
/** The same for asynchronous calls. */
const composed = new AsyncLocalStorage<boolean>();
let hasComposed = false;

/** Starts to observe in this thread. */
export function beginObserving(surroundings: Surroundings): void {
  around = surroundings;
}

/** What the running task has seen; `undefined` outside of tasks and while Node works for another call. */
export function currentSeen(): SeenFiles | undefined {
  if (quiet > 0) return undefined;
  const inputs = ambientInputs();
  return inputs === undefined || (hasComposed && composed.getStore() === true) ? undefined : seenBy(inputs);
}

/** What has been seen for these inputs; `undefined` when nothing is observed in this thread. */
export function seenBy(inputs: AmbientInputs): SeenFiles | undefined {
  if (around === undefined) return undefined;
  if (inputs === lastInputs) return lastSeen;
  let found = seen.get(inputs);
  if (found === undefined) {
    found = new SeenFiles(inputs, around);
    seen.set(inputs, found);
  }
  lastInputs = inputs;
  lastSeen = found;
  return found;
}

/** Calls a function so that the calls it makes synchronously are not seen. */
export function quietly(call: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  quiet++;
  try {
    return Reflect.apply(call, self, args);
  } finally {
    quiet--;
  }
}

/** Runs `body` so that the calls it makes, also later, are not seen. */
export function quietlyLater<T>(body: () => T): T {
  hasComposed = true;
  return composed.run(true, body);
}

/** Calls a function of the user's, called back from within a quiet call, so that what it does is seen. */
export function aloud<T>(body: () => T): T {
  const before = quiet;
  quiet = 0;
  try {
    return body();
  } finally {
    quiet = before;
  }
}
