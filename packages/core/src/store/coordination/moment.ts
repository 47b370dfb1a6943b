import type { Clock } from '../../contract/index.ts';

/** Taken when this module loads: fake timers may later replace it by a clock that stands still. */
const steadyNow = performance.now.bind(performance);

/** A moment by both clocks of this machine: one may stand still while the machine sleeps, the other may be set. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

export function momentOf(clock: Pick<Clock, 'now'>): Moment {
  return { wall: clock.now(), steady: steadyNow() };
}

/** Ms since a moment, by the clock that says more. */
export function msSince({ wall, steady }: Moment, clock: Pick<Clock, 'now'>): number {
  return Math.max(clock.now() - wall, steadyNow() - steady);
}
