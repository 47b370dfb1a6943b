import type { GraphStep } from '../flow/index.ts';

/** Tasks shorter than this are handed out several at a time, ms. */
const CHUNK_TARGET_MS = 8;
const CHUNK_MAX = 64;

interface StepLoad {
  inFlight: number;
  finished: number;
  /** Mean wall time, ms. */
  mean: number;
}

/**
 * Who may start now. A step without `concurrency` takes one task a worker; steps with it are multiplexed up to
 * that number. Very short tasks are queued several deep on each worker, as long as nothing else is running there.
 */
export class Slots {
  private readonly loads = new Map<string, StepLoad>();
  private total = 0;
  private exclusive = 0;

  constructor(
    private readonly width: number,
    private readonly limit: number = Number.POSITIVE_INFINITY,
  ) {}

  get inFlight(): number {
    return this.total;
  }

  mayStart(step: GraphStep): boolean {
    if (this.total >= this.limit) return false;
    const load = this.load(step);
    if (step.concurrency !== undefined) return load.inFlight < step.concurrency;
    const alone = this.exclusive === load.inFlight;
    return this.exclusive < this.width * (alone ? this.chunk(load) : 1);
  }

  /** Whether tasks of this step last long enough that people want to see them running. */
  isLong(step: GraphStep): boolean {
    const load = this.load(step);
    return load.finished < 4 || load.mean > CHUNK_TARGET_MS;
  }

  start(step: GraphStep): void {
    this.load(step).inFlight++;
    this.total++;
    if (step.concurrency === undefined) this.exclusive++;
  }

  end(step: GraphStep, ms: number): void {
    const load = this.load(step);
    load.inFlight--;
    load.finished++;
    load.mean += (ms - load.mean) / Math.min(load.finished, 50);
    this.total--;
    if (step.concurrency === undefined) this.exclusive--;
  }

  private chunk(load: StepLoad): number {
    if (load.finished < 4) return 1;
    return Math.max(1, Math.min(CHUNK_MAX, Math.floor(CHUNK_TARGET_MS / Math.max(load.mean, 0.05))));
  }

  private load(step: GraphStep): StepLoad {
    const known = this.loads.get(step.name);
    if (known) return known;
    const fresh = { inFlight: 0, finished: 0, mean: 0 };
    this.loads.set(step.name, fresh);
    return fresh;
  }
}
