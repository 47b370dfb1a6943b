/**
 * Tasks whose results are not what they were, by step and element path. Asked about a place, it answers for every task
 * there and inside: thousands of elements are looked up, never searched.
 */
export class ChangedTasks {
  private readonly places = new Map<string, Set<string>>();

  add(step: string, path: readonly number[]): void {
    const known = this.places.get(step) ?? new Set();
    this.places.set(step, known);
    for (let depth = 0; depth <= path.length; depth++) known.add(path.slice(0, depth).join());
  }

  /** Whether a task of the step at this element path, or of any element inside it, has changed. */
  has(step: string, path: readonly number[]): boolean {
    return this.places.get(step)?.has(path.join()) ?? false;
  }
}
