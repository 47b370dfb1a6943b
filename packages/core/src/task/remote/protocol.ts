import type { TaskLogLine } from '../../contract/index.ts';
import type { FlowDescription } from '../../flow/index.ts';
import type { PackedOutcomes, PackedSpecs } from './packed-tasks.ts';

export type ToWorker =
  /** Description of the flow: sent first, so that only one worker has to construct the class. Optional. */
  | { readonly description: FlowDescription }
  | PackedSpecs
  | { readonly abort: readonly number[]; readonly reason: string };

export type FromWorker =
  | { readonly started: number }
  /** Attempts that it gives back, because it takes no more: an earlier task has changed what all code of its thread shares. */
  | { readonly spent: readonly number[] }
  | PackedOutcomes
  | { readonly logs: readonly { readonly id: number; readonly line: TaskLogLine }[] };
