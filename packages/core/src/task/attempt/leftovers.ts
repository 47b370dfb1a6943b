/** What a worker has open to hear of tasks, and what it does between two of them. */
const OWN: ReadonlySet<string> = new Set(['Immediate', 'MessagePort', 'PipeWrap', 'TTYWrap', 'Worker']);

/** Tells whether tasks that have ended have left something running in this thread: a timer, a request, an open file. */
export class Leftovers {
  private least = Number.POSITIVE_INFINITY;

  constructor(
    /** Names of what keeps this thread from ending. */
    private readonly resources: () => readonly string[] = () => process.getActiveResourcesInfo(),
  ) {}

  /** Call it before each task begins: the least that was ever there is nobody's doing. */
  areActive(): boolean {
    const count = this.resources().filter((name) => !OWN.has(name)).length;
    this.least = Math.min(this.least, count);
    return count > this.least;
  }
}
