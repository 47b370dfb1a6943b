/** Class of exit codes of a command that an error ends; `../exit-codes.ts` has the numbers. */
export type ExitClass = 'failed' | 'usage' | 'flow' | 'setup' | 'notFound';

/** Documentation of one error code, in Markdown; each text is one line. */
export interface ErrorEntry {
  /** One sentence about what happened. */
  readonly meaning: string;
  /** Action for the user. */
  readonly remedy: string;
  /** Absent for errors that never end a command: they are thrown to the user's code, or only reported. */
  readonly exit?: ExitClass;
}

export type ErrorEntries = Readonly<Record<`VARVE_${string}`, ErrorEntry>>;
