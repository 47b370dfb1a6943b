import type { GraphStep } from '../../flow/index.ts';
import type { Job } from '../plan/job.ts';

interface Lane {
  readonly step: GraphStep;
  readonly jobs: Job[];
  head: number;
}

/**
 * Jobs that wait for a place: first in, first out per step; steps take turns in the order in which they became ready. A
 * retry that is due goes before everything that has not been tried yet, of all steps: it would wait for thousands of
 * elements else.
 */
export class JobQueue {
  private readonly due = new Map<string, Lane>();
  private readonly fresh = new Map<string, Lane>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(job: Job): void {
    const lanes = job.due ? this.due : this.fresh;
    const lane = lanes.get(job.step.name);
    if (lane) lane.jobs.push(job);
    else lanes.set(job.step.name, { step: job.step, jobs: [job], head: 0 });
    this.count++;
  }

  /** The next job of a step that may start now. `mayStart` gets the number of its queued jobs. */
  take(mayStart: (step: GraphStep, waiting: number) => boolean): Job | undefined {
    return this.takeFrom(this.due, mayStart) ?? this.takeFrom(this.fresh, mayStart);
  }

  private takeFrom(lanes: Map<string, Lane>, mayStart: (step: GraphStep, waiting: number) => boolean): Job | undefined {
    for (const lane of lanes.values()) {
      if (!mayStart(lane.step, lane.jobs.length - lane.head)) continue;
      const job = lane.jobs[lane.head++];
      this.count--;
      if (lane.head >= lane.jobs.length) lanes.delete(lane.step.name);
      if (job) return job;
    }
    return undefined;
  }
}
