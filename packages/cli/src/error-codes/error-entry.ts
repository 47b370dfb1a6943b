/** How a command ends when an error ends it; the numbers are in `../exit-codes.ts`. */
export type ExitClass = 'failed' | 'usage' | 'flow' | 'setup' | 'notFound';

/** What people are told about one error code. Markdown, of one line each. */
export interface ErrorEntry {
  /** One sentence: what has happened. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Left out for what never ends a command of itself: it is thrown to the user's own code, or only reported. */
  readonly exit?: ExitClass;
}

export type ErrorEntries = Readonly<Record<`VARVE_${string}`, ErrorEntry>>;
