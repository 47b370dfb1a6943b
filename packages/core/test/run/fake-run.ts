import { digestOf, ManualClock } from '@varve/test-support';
import type { PageRecord } from '../../src/cache/page-store.ts';
import type {
  Clock,
  Digest,
  Reference,
  RunEvent,
  RunSummary,
  TaskOutcome,
  TaskRunner,
  TaskSpec,
  WrittenArtifact,
} from '../../src/contract/index.ts';
import type { Graph, GraphStep } from '../../src/flow/describe/graph.ts';
import { Scheduler } from '../../src/run/loop/scheduler.ts';
import type { AmbientPort, CachePort, JournalPort, Progress, RunOptions, ValuePort } from '../../src/run/plan/ports.ts';

export type Failed = TaskOutcome & { readonly ok: false };
type Behaviour = (spec: TaskSpec, signal: AbortSignal | undefined) => TaskOutcome | Promise<TaskOutcome>;

export function done(...writes: string[]): TaskOutcome {
  const written = Object.fromEntries(writes.map((name) => [name, artifact(name)]));
  return { ok: true, ms: 1, writes: written, deletes: [], reads: [] };
}

export function failed(name = 'Error', more: Partial<Failed> = {}): Failed {
  return { ok: false, ms: 1, error: { name, message: `${name} happened` }, retryable: true, ...more };
}

export function artifact(text: string): WrittenArtifact {
  return { reference: referenceOf(text) };
}

function referenceOf(text: string): Reference {
  return { digest: digestOf(text), size: text.length, codec: 'json/1' };
}

/** A scheduler over fake ports: the test decides how tasks end, what the store answers and when time passes. */
export class FakeRun {
  readonly clock = new ManualClock();
  readonly events: RunEvent[] = [];
  readonly progress: Progress[] = [];
  /** `runner:task` of every attempt, in the order in which they started. */
  readonly started: string[] = [];
  readonly startedAt: number[] = [];
  readonly stored: unknown[] = [];
  /** Spec of the last attempt, by step. */
  readonly specs = new Map<string, TaskSpec>();
  /** Results that other runs may use. */
  readonly records: PageRecord[] = [];
  cache: CachePort | undefined;
  ambient: AmbientPort | undefined;
  labels: readonly string[] = ['a', 'b'];
  digests: readonly string[] | undefined;
  behaviour: Behaviour = () => done();
  width = 4;
  /** Digests of artifacts whose bytes are gone. */
  missing: readonly Digest[] = [];
  /** Called with the artifacts that the run asks for at its end. */
  askedMissing: (references: readonly Reference[]) => void = () => {};
  breakJournal: (error: unknown) => void = () => {};
  stopJournal: (reason: 'fenced' | 'cancelled') => void = () => {};
  confirm: () => Promise<void> = async () => {};
  private flushed: (sequence: number) => void = () => {};

  run(steps: readonly GraphStep[], options: RunOptions = {}): Promise<RunSummary> {
    const graph: Graph = { steps };
    const identity = {
      flow: 'F',
      runId: 'r',
      runNumber: 1,
      startedAt: 0,
      code: { bundle: 'file:///b.mjs', digest: digestOf('b'), flow: 'F' },
    };
    const ports = {
      runners: { runner: (name: string | undefined) => this.runner(name ?? 'own') },
      journal: this.journal(),
      values: this.values(),
      ...(this.cache && { cache: this.cache }),
      ...(this.ambient && { ambient: this.ambient }),
      clock: this.clock as Clock,
      onProgress: (progress: Progress) => this.progress.push(progress),
    };
    return new Scheduler(graph, identity, ports, options).run({});
  }

  /** The end of each task, from the journal: `a succeeded`. */
  get ended(): string[] {
    return this.events.flatMap((e) =>
      'task' in e && e.type !== 'task-started' && e.task !== 'init' ? [`${e.task} ${e.type.slice(5)}`] : [],
    );
  }

  private runner(name: string): TaskRunner {
    return {
      name,
      capabilities: { isolation: 'none', width: this.width },
      run: async (spec, { signal }) => {
        if (spec.step !== 'init') {
          this.specs.set(spec.step, spec);
          this.started.push(`${name}:${spec.task}`);
          this.startedAt.push(this.clock.now());
        }
        return spec.step === 'init' ? done('items', 'flag') : this.behaviour(spec, signal);
      },
    };
  }

  private journal(): JournalPort {
    return {
      append: (event, _, record) => {
        if (record) this.records.push(record);
        const sequence = this.events.push(event);
        queueMicrotask(() => this.flushed(sequence));
        return sequence;
      },
      onFlushed: (listener) => {
        const before = this.flushed;
        this.flushed = (sequence) => {
          before(sequence);
          listener(sequence);
        };
      },
      confirm: () => this.confirm(),
      onStop: (listener) => {
        this.stopJournal = listener;
      },
      onWarning: () => {},
      onError: (listener) => {
        this.breakJournal = listener;
      },
      flush: async () => {},
      end: async () => {},
    };
  }

  private values(): ValuePort {
    return {
      expand: async () => ({ labels: this.labels, digests: this.digests ?? this.labels }),
      test: async () => false,
      missing: async (references) => {
        this.askedMissing(references);
        return this.missing;
      },
      store: async (value) => {
        this.stored.push(value);
        return artifact('stored');
      },
    };
  }
}
