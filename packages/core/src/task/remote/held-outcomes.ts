import type { TaskOutcome } from '../../contract/index.ts';
import { keptFromOthers } from '../attempt/left-behind.ts';
import { SharedThread, type Stay } from '../attempt/shared-thread.ts';
import { monotonicNow } from '../scope/own-clock.ts';

/** Outcomes wait for a look at the thread until so many times what a look takes has passed since the last one. */
const LOOK_SHARE = 100;
/** Bounds for what a look is taken to take, ms: a machine that does other things may stop it for long. */
const LOOK_MS = { least: 0.2, most: 2 };

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

  /** `isUrgent`: somebody waits for this very outcome. */
  end({ id, outcome }: Ended, stay: Stay, isUrgent: boolean): void {
    this.thread.end(stay);
    // Nobody can have changed anything for it but itself.
    if (stay.isAlone) this.looked.set(id, keptFromOthers(outcome, stay.reason));
    else this.unlooked.set(id, { outcome, stay });
    if (this.isWaiting && (isUrgent || this.isDue())) this.look();
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

  /** Takes out what may leave. `all`: at once, else what was looked at, or is due to be. */
  take(all = false): readonly Ended[] {
    if (this.isWaiting && (all || this.isDue())) this.look();
    const ended = [...this.looked].map(([id, outcome]) => ({ id, outcome }));
    this.looked.clear();
    return ended;
  }

  private isDue(): boolean {
    return monotonicNow() - this.lookedAt > LOOK_SHARE * this.lookMs;
  }

  private look(): void {
    const before = monotonicNow();
    const changes = this.changes() ?? [];
    this.lookMs = Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, monotonicNow() - before));
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
