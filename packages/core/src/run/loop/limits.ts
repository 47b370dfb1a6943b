import type { Clock } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';

/** Tasks shorter than this are handed out several at a time, ms. */
const CHUNK_TARGET_MS = 8;
const CHUNK_MAX = 256;
/** Shorter than any task is with everything around it, ms. */
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
  /** Tasks that take a worker for themselves. */
  exclusive: number;
}

/**
 * Who may start now. A step without `concurrency` takes one task a worker; steps with it are multiplexed up to
 * that number. Very short tasks are queued several deep on each worker, as long as nothing else is running there.
 */
export class ConcurrencyLimits {
  private readonly steps = new Map<string, StepLoad>();
  private readonly runners = new Map<string | undefined, RunnerLoad>();
  private total = 0;

  constructor(
    /** How many tasks a runner runs at once. */
    private readonly widthOf: (runner: string | undefined) => number,
    private readonly limit: number = Number.POSITIVE_INFINITY,
  ) {}

  get inFlight(): number {
    return this.total;
  }

  /** `waiting`: how many tasks of the step wait; the last of them are spread over all workers. */
  mayStart(step: GraphStep, waiting: number): boolean {
    if (this.total >= this.limit) return false;
    const load = this.load(step);
    if (step.concurrency !== undefined) return load.inFlight < step.concurrency;
    const alone = load.on.exclusive === load.inFlight;
    const { width, exclusive } = load.on;
    const deep = alone ? Math.min(chunkOf(load), Math.ceil((waiting + load.inFlight) / (2 * width))) : 1;
    return exclusive < width * Math.max(1, deep);
  }

  /** Whether tasks of this step last long enough that people want to see them running. */
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

  /** `ms`: how long it took; absent when it did not come to that. */
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

/**
 * Spaces the starts of steps that have a `rate` evenly: `10/s` is one every 100 ms, so that no second ever sees more
 * than ten. Time that nobody used is not saved up. A clock that was set back costs one interval at most.
 */
export class RateLimiter {
  private readonly free = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Ms until a task of this step may start; 0 when it may now. */
  wait(step: GraphStep): number {
    if (step.rate === undefined) return 0;
    const now = this.clock.now();
    const free = this.free.get(step.name) ?? now;
    const soonest = Math.min(free, now + interval(step.rate));
    if (soonest < free) this.free.set(step.name, soonest);
    return Math.max(0, soonest - now);
  }

  started(step: GraphStep): void {
    if (step.rate === undefined) return;
    this.free.set(step.name, this.clock.now() + interval(step.rate));
  }
}

function interval({ perMs, count }: NonNullable<GraphStep['rate']>): number {
  return perMs / count;
}

/** Asks for another look when the rate of a step lets its next task start. */
export class RatedStarts {
  private readonly pace: RateLimiter;
  /** Steps whose rate lets nothing start for now. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly onDue: () => void,
  ) {
    this.pace = new RateLimiter(clock);
  }

  isDue(step: GraphStep): boolean {
    const wait = this.pace.wait(step);
    if (wait === 0) return true;
    if (this.waiting.has(step.name)) return false;
    this.waiting.add(step.name);
    const goOn = () => {
      this.waiting.delete(step.name);
      this.onDue();
    };
    this.clock.sleep(Math.ceil(wait), this.signal).then(goOn, goOn);
    return false;
  }

  started(step: GraphStep): void {
    this.pace.started(step);
  }
}
