import type { GraphStep } from '../../flow/index.ts';

/** Shorter tasks are dispatched several at a time. */
const CHUNK_TARGET_MS = 8;
const CHUNK_MAX = 256;
/** Lower bound of a task's time with everything around it. */
const SHORTEST_MS = 0.03;

interface StepLoad {
  readonly on: RunnerLoad;
  inFlight: number;
  finished: number;
  /** Mean wall time, ms. */
  mean: number;
}

interface RunnerLoad {
  readonly width: number;
  /** Running tasks that take a worker for themselves. */
  exclusive: number;
}

/**
 * Decides which steps may start a task now. A step without `concurrency` runs one task per worker; a step with it is
 * multiplexed up to that number. Very short tasks are queued several deep on each worker while no other step runs there.
 */
export class ConcurrencyLimits {
  private readonly steps = new Map<string, StepLoad>();
  private readonly runners = new Map<string | undefined, RunnerLoad>();
  private total = 0;

  constructor(
    /** Number of tasks that a runner runs at once. */
    private readonly widthOf: (runner: string | undefined) => number,
    private readonly limit: number = Number.POSITIVE_INFINITY,
  ) {}

  get inFlight(): number {
    return this.total;
  }

  /** `waiting`: queued tasks of the step, of which the last are spread over all workers. */
  mayStart(step: GraphStep, waiting: number): boolean {
    if (this.total >= this.limit) return false;
    const load = this.load(step);
    if (step.concurrency !== undefined) return load.inFlight < step.concurrency;
    const alone = load.on.exclusive === load.inFlight;
    const { width, exclusive } = load.on;
    const deep = alone ? Math.min(chunkOf(load), Math.ceil((waiting + load.inFlight) / (2 * width))) : 1;
    return exclusive < width * Math.max(1, deep);
  }

  /** True when tasks of this step take so long that people want to see them running. */
  isLong(step: GraphStep): boolean {
    const load = this.load(step);
    return load.finished < 4 || load.mean > CHUNK_TARGET_MS;
  }

  start(step: GraphStep): void {
    const load = this.load(step);
    load.inFlight++;
    this.total++;
    if (step.concurrency === undefined) load.on.exclusive++;
  }

  /** `ms`: wall time; absent when the task was not executed. */
  end(step: GraphStep, ms?: number): void {
    const load = this.load(step);
    load.inFlight--;
    this.total--;
    if (step.concurrency === undefined) load.on.exclusive--;
    if (ms === undefined) return;
    load.finished++;
    load.mean += (ms - load.mean) / Math.min(load.finished, 50);
  }

  private load(step: GraphStep): StepLoad {
    const known = this.steps.get(step.name);
    if (known) return known;
    const fresh = { on: this.runnerLoad(step.runner), inFlight: 0, finished: 0, mean: 0 };
    this.steps.set(step.name, fresh);
    return fresh;
  }

  private runnerLoad(runner: string | undefined): RunnerLoad {
    const known = this.runners.get(runner);
    if (known) return known;
    const fresh = { width: Math.max(1, this.widthOf(runner)), exclusive: 0 };
    this.runners.set(runner, fresh);
    return fresh;
  }
}

function chunkOf(load: StepLoad): number {
  if (load.finished < 4) return 1;
  return Math.max(1, Math.min(CHUNK_MAX, Math.floor(CHUNK_TARGET_MS / Math.max(load.mean, SHORTEST_MS))));
}
