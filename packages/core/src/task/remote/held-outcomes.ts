import type { TaskOutcome } from '../../contract/index.ts';
import { keptFromOthers } from '../attempt/left-behind.ts';
import { SharedThread, type Stay } from '../attempt/shared-thread.ts';
import { monotonicNow } from '../scope/own-clock.ts';

/**
 * Outcomes wait for a look at the thread until so many times what a look takes has passed since the last one: while the
 * thread has tasks to run, and while it has none, so that the run may be waiting for it.
 */
const LOOK_SHARE = { busy: 100, idle: 20 };
/** A thread without tasks looks at once while it has time left for it: so much at first, ms, and it gains 1 % of all time. */
const IDLE_MS = 20;
/** Bounds for what a look is taken to take, ms: a machine that does other things may stop it for long. */
const LOOK_MS = { least: 0.2, most: 2 };

/** What the thread has to do: nobody can wait for an outcome (`busy`), somebody may (`idle`), or does (`awaited`). */
export type Pace = 'busy' | 'idle' | 'awaited';

/** The outcome of one attempt. */
export interface Ended {
  readonly id: number;
  readonly outcome: TaskOutcome;
}

/** Outcomes on their way out of a worker: none leaves before it is known what other tasks have changed in the thread. */
export class HeldOutcomes {
  private readonly unlooked = new Map<number, { outcome: TaskOutcome; readonly stay: Stay }>();
  private readonly looked = new Map<number, TaskOutcome>();
  private readonly thread: SharedThread;
  private lookedAt = monotonicNow();
  private lookMs = LOOK_MS.least;
  private idleMs = IDLE_MS;

  constructor(
    /** Names what was changed in the thread; `undefined` when nobody can tell. */
    private readonly changes: () => readonly string[] | undefined,
    /** True while something runs that an ended task has left. */
    private readonly hasLeftovers: () => boolean = () => false,
  ) {
    this.thread = new SharedThread();
  }

  /** True while outcomes wait for a look. */
  get isWaiting(): boolean {
    return this.unlooked.size > 0;
  }

  begin(): Stay {
    return this.thread.begin(this.hasLeftovers());
  }

  end({ id, outcome }: Ended, stay: Stay, pace: Pace): void {
    this.thread.end(stay);
    // Nobody can have changed anything for it but itself.
    if (stay.isAlone) this.looked.set(id, keptFromOthers(outcome, stay.reason));
    else this.unlooked.set(id, { outcome, stay });
    if (this.isWaiting && this.isDue(pace)) this.look();
  }

  /** Call it when the thread was found as it was at first. */
  intact(): void {
    this.settle([]);
  }

  /** Replaces an outcome that was not taken yet. False when there is none. */
  amend(id: number, outcome: (ended: TaskOutcome) => TaskOutcome): boolean {
    const looked = this.looked.get(id);
    const unlooked = this.unlooked.get(id);
    if (looked) this.looked.set(id, outcome(looked));
    else if (unlooked) unlooked.outcome = outcome(unlooked.outcome);
    return (looked ?? unlooked) !== undefined;
  }

  /** Takes out what may leave: what was looked at, or is due to be. */
  take(pace: Pace): readonly Ended[] {
    if (this.isWaiting && this.isDue(pace)) this.look();
    const ended = [...this.looked].map(([id, outcome]) => ({ id, outcome }));
    this.looked.clear();
    return ended;
  }

  private isDue(pace: Pace): boolean {
    if (pace === 'awaited') return true;
    const passed = monotonicNow() - this.lookedAt;
    if (pace === 'idle' && this.idleMs + passed / LOOK_SHARE.busy >= this.lookMs) return true;
    return passed > LOOK_SHARE[pace] * this.lookMs;
  }

  private look(): void {
    const before = monotonicNow();
    const changes = this.changes() ?? [];
    this.lookMs = Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, monotonicNow() - before));
    const gained = this.idleMs + (before - this.lookedAt) / LOOK_SHARE.busy;
    this.idleMs = Math.max(0, Math.min(IDLE_MS, gained) - this.lookMs);
    this.settle(changes);
  }

  private settle(changes: readonly string[]): void {
    const stays = [...this.unlooked.values()].map(({ stay }) => stay);
    this.thread.look(stays, changes);
    for (const [id, { outcome, stay }] of this.unlooked) this.looked.set(id, keptFromOthers(outcome, stay.reason));
    this.unlooked.clear();
    this.lookedAt = monotonicNow();
  }
}
