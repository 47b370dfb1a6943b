import type { GraphStep } from '../../flow/describe/graph.ts';
import type { Job } from '../plan/job-queue.ts';
import { criticalPath, type TaskTime } from './critical-path.ts';

interface Timed extends TaskTime {
  readonly cached: boolean;
}

/** What it saved that results were there. */
export class SavedTime {
  private readonly steps = new Map<string, GraphStep>();
  private readonly tasks = new Map<string, Timed>();
  private hits = 0;

  /** A task has ended well. `ms`: what executing it took, now or then. */
  add({ step, frame }: Job, task: string, ms: number, cached: boolean): void {
    this.steps.set(step.name, step);
    this.tasks.set(task, { step: step.name, path: frame.path, ms, cached });
    if (cached) this.hits++;
  }

  /** A step that may leave no task. */
  pass(step: GraphStep): void {
    this.steps.set(step.name, step);
  }

  /** `savedMs`: the work of all tasks that were not executed. `savedCriticalMs`: how much sooner the end can come for it. */
  metrics(): { readonly savedMs: number; readonly savedCriticalMs: number } | undefined {
    if (this.hits === 0) return undefined;
    const all = [...this.tasks.values()];
    const savedMs = all.reduce((sum, { ms, cached }) => sum + (cached ? ms : 0), 0);
    const executed = all.map((one) => (one.cached ? { ...one, ms: 0 } : one));
    const sooner = criticalPath(this.steps, all) - criticalPath(this.steps, executed);
    return { savedMs: Math.round(savedMs), savedCriticalMs: Math.round(sooner) };
  }
}
