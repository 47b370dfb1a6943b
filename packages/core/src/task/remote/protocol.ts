import type { CodeLocation, Finding, TaskLogLine } from '../../contract/index.ts';
import type { FlowDescription } from '../../flow/describe/description.ts';
import type { BlobLink } from '../../runtime/io/blob-port.ts';
import type { WhichFlow } from '../load-flow.ts';
import type { PackedOutcomes } from './packed-outcomes.ts';
import type { PackedSpecs } from './packed-specs.ts';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly link: BlobLink;
  /** One Int32: the id of the attempt that runs exclusively, so that a crash can be blamed on it. 0 for none. */
  readonly current: SharedArrayBuffer;
}

export type ToWorker =
  /** What the flow says of itself: sent first, so that only one worker has to construct the class to find out. */
  | { readonly description: FlowDescription }
  | PackedSpecs
  | { readonly abort: readonly number[]; readonly reason: string };

export type FromWorker =
  | { readonly started: number }
  | PackedOutcomes
  | { readonly logs: readonly { readonly id: number; readonly line: TaskLogLine }[] };

/** A parameter value as somebody gave it. */
export interface GivenParameter {
  readonly value: unknown;
  /** For messages: `command line`, `VARVE_PARAM_FOLDS`, `params.json`. */
  readonly from: string;
}

export interface ParsedParameters {
  /** For people; never a secret. */
  readonly shown: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** What only a thread that has loaded the flow can say. */
export interface FlowCalls {
  describe(code: WhichFlow): Promise<FlowDescription>;
  parse(question: {
    readonly code: CodeLocation;
    readonly given: Readonly<Record<string, GivenParameter>>;
  }): Promise<ParsedParameters>;
}
