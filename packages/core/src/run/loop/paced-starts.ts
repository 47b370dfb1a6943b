import type { Clock } from '../../contract/index.ts';
import type { GraphStep } from '../../flow/describe/graph.ts';
import { Pace } from './pace.ts';

/** Asks for another look when the rate of a step lets its next task start. */
export class PacedStarts {
  private readonly pace: Pace;
  /** Steps whose rate lets nothing start for now. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly onDue: () => void,
  ) {
    this.pace = new Pace(clock);
  }

  isDue(step: GraphStep): boolean {
    const wait = this.pace.wait(step);
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
    this.pace.started(step);
  }
}
