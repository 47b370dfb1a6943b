import { StoreError, VarveError } from '@varve/core/contract';

/** What the process says when it ends; documented in `docs/reference/exit-codes.md`. */
export const EXIT = {
  ok: 0,
  /** A step failed. */
  failed: 1,
  /** Wrong usage, or a parameter that does not fit. */
  usage: 2,
  /** The flow itself has mistakes, or does not compile. */
  flow: 3,
  /** Configuration, store or credentials. */
  setup: 4,
  /** No such run, task or artifact. */
  notFound: 5,
  interrupted: 130,
  terminated: 143,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  VARVE_USAGE: EXIT.usage,
  VARVE_UNKNOWN_RUNNER: EXIT.usage,
  VARVE_PARAMETERS: EXIT.usage,
  VARVE_FILE_NOT_FOUND: EXIT.usage,
  VARVE_NO_FLOW: EXIT.flow,
  VARVE_SEVERAL_FLOWS: EXIT.usage,
  VARVE_COMPILE: EXIT.flow,
  VARVE_FLOW_INVALID: EXIT.flow,
  VARVE_FLOW_LOAD: EXIT.flow,
  VARVE_NO_RUN: EXIT.notFound,
  VARVE_NO_TASK: EXIT.notFound,
  VARVE_NO_ARTIFACT: EXIT.notFound,
  VARVE_BRANCHES_DIFFER: EXIT.usage,
  VARVE_NOT_JSON: EXIT.usage,
  VARVE_NOT_CODE: EXIT.usage,
};

/** The exit code for something that went wrong before or beside the steps. */
export function exitCodeOf(error: unknown): number {
  if (VarveError.is(error)) return BY_CODE[error.code] ?? EXIT.setup;
  return StoreError.is(error) ? EXIT.setup : EXIT.failed;
}
