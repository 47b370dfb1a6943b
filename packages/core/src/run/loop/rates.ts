import type { Clock } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';

/** What a bucket holds at most, as time: more would be a burst, less would cost fast steps what timers are late. */
const BUCKET_MS = 10;

interface Bucket {
  tokens: number;
  /** When the tokens were counted, by the clock. */
  at: number;
}

/**
 * One token bucket for each step that has a `rate`: each start takes a token, and `10/s` brings one every 100 ms. A bucket
 * holds one token, or those of 10 ms if these are more: unused time is not saved up. A clock that is set back costs one
 * interval at most.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly clock: Clock) {}

  /** Ms until a task of this step may start; 0 when it may now. */
  wait(step: GraphStep): number {
    if (step.rate === undefined) return 0;
    const { tokens } = this.fill(step, step.rate);
    return tokens >= 1 ? 0 : (1 - tokens) * interval(step.rate);
  }

  started(step: GraphStep): void {
    if (step.rate !== undefined) this.fill(step, step.rate).tokens--;
  }

  /** Gives back the token of a start that was called off. */
  returned(step: GraphStep): void {
    if (step.rate !== undefined) this.fill(step, step.rate).tokens++;
  }

  private fill(step: GraphStep, rate: Rate): Bucket {
    const now = this.clock.now();
    const size = Math.max(1, BUCKET_MS / interval(rate));
    const bucket = this.buckets.get(step.name) ?? { tokens: 1, at: now };
    const fresh = Math.max(0, now - bucket.at) / interval(rate);
    bucket.tokens = Math.min(size, bucket.tokens + fresh);
    bucket.at = now;
    this.buckets.set(step.name, bucket);
    return bucket;
  }
}

type Rate = NonNullable<GraphStep['rate']>;

function interval({ perMs, count }: Rate): number {
  return perMs / count;
}

/** Applies the rates of all steps. Calls `onDue` when a step that was held back may start again. */
export class RatedStarts {
  private readonly rates: RateLimiter;
  /** Steps that are held back for now. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly onDue: () => void,
  ) {
    this.rates = new RateLimiter(clock);
  }

  isDue(step: GraphStep): boolean {
    const wait = this.rates.wait(step);
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
    this.rates.started(step);
  }

  returned(step: GraphStep): void {
    this.rates.returned(step);
  }
}
