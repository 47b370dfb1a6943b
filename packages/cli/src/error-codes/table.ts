import { StoreError, VarveError } from '@varve/core/contract';
import { ARTIFACTS } from './artifacts.ts';
import { COMMAND_LINE } from './command-line.ts';
import { CONFIG } from './config.ts';
import type { ErrorEntries, ErrorEntry, ExitClass } from './error-entry.ts';
import { FLOW_CHECKS } from './flow-checks.ts';
import { PARAMETERS } from './parameters.ts';
import { RUNNING } from './running.ts';
import { HISTORY, STORE_ANSWERS, shownStoreCode } from './store.ts';
import { TESTING } from './testing.ts';

/** Codes of one part of varve, as the page of all codes shows them. */
export interface ErrorGroup {
  readonly title: string;
  /** One sentence under the title. */
  readonly about: string;
  readonly entries: ErrorEntries;
}

/** All error codes of every package. `docs/reference/errors.md` is generated from this table. */
export const ERROR_GROUPS: readonly ErrorGroup[] = [
  {
    title: 'Flow checks',
    about: 'Mistakes in a flow that are found before anything runs; `varve check flow.ts` finds the same.',
    entries: FLOW_CHECKS,
  },
  {
    title: 'Parameters',
    about: 'The values a run is started with, and how a flow declares them.',
    entries: PARAMETERS,
  },
  { title: 'Running', about: 'What goes wrong while steps run.', entries: RUNNING },
  {
    title: 'Artifacts and store',
    about: 'Values on their way into the store and back, run history, and what a store may answer (`VARVE_STORE_…`).',
    entries: { ...ARTIFACTS, ...HISTORY, ...storeAnswers() },
  },
  { title: 'Config', about: 'What varve is set up with.', entries: CONFIG },
  { title: 'Command line', about: 'What a command, or a call of `run()`, was asked for.', entries: COMMAND_LINE },
  { title: 'Testing', about: 'What `testFlow` and `runStep` of `varve/testing` throw to a test.', entries: TESTING },
];

/** Exit class of a command that this error ends. Codes outside the table belong to plugins. */
export function exitClassOf(error: unknown): ExitClass {
  if (StoreError.is(error)) return entryOf(shownStoreCode(error.code))?.exit ?? 'setup';
  return VarveError.is(error) ? (entryOf(error.code)?.exit ?? 'setup') : 'failed';
}

/** Documentation of a code; `undefined` for codes that are not varve's own. */
export function entryOf(code: string): ErrorEntry | undefined {
  const groups = ERROR_GROUPS.map(({ entries }) => entries as Readonly<Record<string, ErrorEntry>>);
  return groups.find((entries) => Object.hasOwn(entries, code))?.[code];
}

function storeAnswers(): ErrorEntries {
  return Object.fromEntries(Object.entries(STORE_ANSWERS).map(([code, entry]) => [shownStoreCode(code), entry]));
}
