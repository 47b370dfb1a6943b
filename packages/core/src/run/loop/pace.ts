import type { Clock } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/describe/graph.ts';

/**
 * Spaces the starts of steps that have a `rate` evenly: `10/s` is one every 100 ms, so that no second ever sees more
 * than ten. Time that nobody used is not saved up. A clock that was set back costs one interval at most.
 */
export class Pace {
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
