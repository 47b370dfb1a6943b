import type { Clock } from '../contract/index.ts';
import type { GraphStep } from '../flow/index.ts';

/**
 * Spaces the starts of steps that have a `rate` evenly: `10/s` is one every 100 ms, so that no second ever sees more
 * than ten. Time that nobody used is not saved up.
 */
export class Pace {
  private readonly free = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Ms until a task of this step may start; 0 when it may now. */
  wait(step: GraphStep): number {
    if (step.rate === undefined) return 0;
    return Math.max(0, (this.free.get(step.name) ?? 0) - this.clock.now());
  }

  started(step: GraphStep): void {
    if (step.rate === undefined) return;
    this.free.set(step.name, this.clock.now() + step.rate.perMs / step.rate.count);
  }
}
