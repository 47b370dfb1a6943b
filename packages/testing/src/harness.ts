import type { Serializer, StoredError, TaskOutcome, TaskRunner } from '@varve/core/contract';
import { InlineRunner, redact } from '@varve/core/internal';

import { nextTurn } from './skipping-clock.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import type { TestedFlow } from './tested-flow.ts';
import { watchProcess } from './unhandled-errors.ts';

/** Runs the tasks of one test in this thread, and keeps their results in memory. */
export interface Harness {
  readonly store: TestStore;
  readonly runner: TaskRunner;
  /** The value that the last attempt of a task threw; `undefined` when it threw none. */
  thrownBy(task: string): { readonly error: unknown } | undefined;
  /** Names that the attempt that began last has read. */
  readNames(): readonly string[];
  /** Removes the local files that steps asked for. */
  close(): Promise<void>;
}

export async function openHarness(serializer: Serializer, { loaded }: TestedFlow): Promise<Harness> {
  const store = await openTestStore(serializer);
  const thrown = new ThrownErrors();
  const { steps } = loaded.description;
  const concurrent = new Set(steps.filter((step) => step.concurrency !== undefined).map((step) => step.name));
  let readNames: () => readonly string[] = () => [];
  const inline = new InlineRunner({
    values: async () => store.values,
    isMultiplexed: (spec) => concurrent.has(spec.step),
    load: async () => loaded,
    watch: watchProcess,
    nextTurn,
    onThrown: (stored, error) => thrown.add(stored, hideSecrets(error)),
    onLook: (reads) => {
      readNames = reads;
    },
  });
  return {
    store,
    runner: observed(inline, thrown),
    thrownBy: (task) => thrown.of(task),
    readNames: () => readNames(),
    close: () => store.close(),
  };
}

function observed(runner: TaskRunner, thrown: ThrownErrors): TaskRunner {
  return {
    name: runner.name,
    capabilities: runner.capabilities,
    run: async (spec, options): Promise<TaskOutcome> => {
      const outcome = await runner.run(spec, options);
      thrown.attemptEnded(spec.task, outcome);
      // The clock of a test may be set back while a task runs.
      return { ...outcome, ms: Math.max(0, outcome.ms) };
    },
  };
}

/** Errors as steps threw them. The journal holds only the data they became. */
class ThrownErrors {
  private readonly byData = new WeakMap<StoredError, { readonly error: unknown }>();
  private readonly byTask = new Map<string, { readonly error: unknown }>();

  add(stored: StoredError, error: unknown): void {
    this.byData.set(stored, { error });
  }

  attemptEnded(task: string, outcome: TaskOutcome): void {
    const thrown = outcome.ok ? undefined : this.byData.get(outcome.error);
    if (thrown) this.byTask.set(task, thrown);
    else this.byTask.delete(task);
  }

  of(task: string): { readonly error: unknown } | undefined {
    return this.byTask.get(task);
  }
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
