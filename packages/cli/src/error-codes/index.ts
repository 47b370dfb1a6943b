/** Error codes of every package: meaning, remedy, and the exit class of the command that they end. */
export type { ErrorEntries, ErrorEntry, ExitClass } from './error-entry.ts';
export { shownStoreCode } from './store.ts';
export { ERROR_GROUPS, type ErrorGroup, entryOf, exitClassOf } from './table.ts';
