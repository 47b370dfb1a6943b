import { type TaskRunner, VarveError } from '../../contract/index.ts';
import type { RunnerPort } from '../../run/index.ts';

/** The runners of one process by name, each made when it is first used. */
export class RunnerSet implements RunnerPort {
  private readonly made = new Map<string, TaskRunner>();

  constructor(
    private readonly makers: ReadonlyMap<string, () => TaskRunner>,
    /** Name of the run's own runner, for steps that name none. */
    private readonly own: string,
  ) {}

  get names(): string[] {
    return [...this.makers.keys()];
  }

  runner(name: string = this.own): TaskRunner {
    const known = this.made.get(name);
    if (known) return known;
    const make = this.makers.get(name);
    if (!make) {
      throw new VarveError('VARVE_UNKNOWN_RUNNER', `there is no runner '${name}'`, {
        hint: `Runners: ${this.names.join(', ')}.`,
      });
    }
    const runner = make();
    this.made.set(name, runner);
    return runner;
  }

  /** Closes the runners that were made. */
  async close(): Promise<void> {
    await Promise.all([...this.made.values()].map((runner) => runner.close?.()));
  }
}
