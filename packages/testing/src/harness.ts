import type { Serializer, StoredError, TaskOutcome, TaskRunner } from '@varve/core/contract';
import { InlineRunner, redact, sha256Hasher, Values } from '@varve/core/internal';

import { MemoryBlobs, MemoryValues } from './memory-blobs.ts';
import { nextTurn } from './skipping-clock.ts';
import type { TestedFlow } from './tested-flow.ts';
import { watchProcess } from './unhandled-errors.ts';

/** What executes the tasks of one test, and where their results lie. */
export interface Harness {
  readonly blobs: MemoryBlobs;
  readonly values: Values;
  readonly memory: MemoryValues;
  readonly runner: TaskRunner;
  /** What was thrown, by the data it became. */
  readonly thrown: WeakMap<StoredError, { readonly error: unknown }>;
  /** What the attempt that began last has looked at. */
  looked(): readonly string[];
  /** Removes the files that steps asked for. */
  close(): void;
}

export function openHarness(serializer: Serializer, { loaded }: TestedFlow): Harness {
  const blobs = new MemoryBlobs();
  const values = new Values(blobs, serializer, sha256Hasher, Number.POSITIVE_INFINITY);
  const thrown: Harness['thrown'] = new WeakMap();
  const { steps } = loaded.description;
  const concurrent = new Set(steps.filter((step) => step.concurrency !== undefined).map((step) => step.name));
  let looked: () => readonly string[] = () => [];
  const inline = new InlineRunner({
    values: async () => values,
    isMultiplexed: (spec) => concurrent.has(spec.step),
    load: async () => loaded,
    watch: watchProcess,
    nextTurn,
    onThrown: (stored, error) => void thrown.set(stored, { error: hideSecrets(error) }),
    onLook: (reads) => {
      looked = reads;
    },
  });
  return {
    ...{ blobs, values, thrown, runner: withoutNegativeTimes(inline) },
    memory: new MemoryValues(values, blobs),
    looked: () => looked(),
    close: () => blobs.close(),
  };
}

/** The clock of a test may be set back while a task runs. */
function withoutNegativeTimes(runner: TaskRunner): TaskRunner {
  return {
    name: runner.name,
    capabilities: runner.capabilities,
    run: async (spec, options): Promise<TaskOutcome> => {
      const outcome = await runner.run(spec, options);
      return { ...outcome, ms: Math.max(0, outcome.ms) };
    },
  };
}

/** Takes the values of secrets out of what a test runner will print of an error. It stays the same object. */
export function hideSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  for (const name of ['message', 'stack'] as const) {
    const text: unknown = error[name];
    if (typeof text !== 'string') continue;
    const clean = redact(text);
    // One that is frozen stays as it is.
    if (clean !== text) Reflect.set(error, name, clean);
  }
  return error;
}
