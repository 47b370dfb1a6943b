/** One task in a thread, as far as other tasks may have changed what its code sees. */
export interface Stay {
  /** True while nothing but this task can have changed anything since the last look. */
  isAlone: boolean;
  /** True when code of ended tasks may run beside it: nothing makes it alone then. */
  readonly hasLeftovers: boolean;
  /** Why its result must be kept from other runs. */
  reason: string | undefined;
}

/**
 * Tells which tasks of a thread may have seen what another one has left there, such as a patched built-in. A look takes as
 * long as some short tasks, so there is one for several of them. When something was changed since the look before, the task
 * that began right after that look is the only one that has certainly seen nothing of it.
 */
export class SharedThread {
  /** Tasks that run, or have run since the last look. */
  private begun = 0;
  private readonly running = new Set<Stay>();
  private reason: string | undefined;

  /** `hasLeftovers`: true when something that an ended task has left running may change the thread meanwhile. */
  begin(hasLeftovers = false): Stay {
    for (const other of this.running) other.isAlone = false;
    const stay = { isAlone: this.begun === 0 && !hasLeftovers, hasLeftovers, reason: this.reason };
    this.begun++;
    this.running.add(stay);
    return stay;
  }

  end(stay: Stay): void {
    this.running.delete(stay);
  }

  /** Takes what a look at the thread has found changed, for the tasks that run and those that have `ended` since the last one. */
  look(ended: readonly Stay[], [what]: readonly string[]): void {
    this.reason = what && reasonWithinStep(what);
    for (const stay of [...ended, ...this.running]) if (!stay.isAlone) stay.reason ??= this.reason;
    for (const stay of this.running) stay.isAlone = this.running.size === 1 && !stay.hasLeftovers;
    this.begun = this.running.size;
  }
}

/** Why the result of a task is kept from other runs when another of its step has changed this. */
export function reasonWithinStep(what: string): string {
  return `another task has left a change in the same thread (${what}); make it where modules load, or undo it`;
}
