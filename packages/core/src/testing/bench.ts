import type { Serializer, StoredError, TaskOutcome, TaskRunner } from '../contract/index.ts';
import { sha256Hasher } from '../store/objects/hasher.ts';
import { InlineRunner } from '../task/inline-runner.ts';
import { Values } from '../task/values/values.ts';

import { hideSecrets } from './hide-secrets.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryValues } from './memory-values.ts';
import { nextTurn } from './next-turn.ts';
import type { TestedFlow } from './tested-flow.ts';
import { watchProcess } from './watch-process.ts';

/** What executes the tasks of one test, and where their results lie. */
export interface Bench {
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

export function openBench(serializer: Serializer, { loaded }: TestedFlow): Bench {
  const blobs = new MemoryBlobs();
  const values = new Values(blobs, serializer, sha256Hasher, Number.POSITIVE_INFINITY);
  const thrown: Bench['thrown'] = new WeakMap();
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
