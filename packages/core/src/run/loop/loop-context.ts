import type { JobContext } from '../plan/job.ts';
import type { Recorder } from './recorder.ts';
import type { Rewind } from './recovery.ts';

/** Shared by the parts of one run's loop: made once by the scheduler, the same object for all of them. */
export interface LoopContext extends JobContext {
  readonly recorder: Recorder;
  readonly rewind: Rewind;
}
