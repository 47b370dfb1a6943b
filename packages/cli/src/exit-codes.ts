/** Exit codes of the process, documented in `docs/reference/exit-codes.md`. */
export const EXIT = {
  ok: 0,
  /** A step failed. */
  failed: 1,
  /** Wrong usage, or a parameter that does not fit. */
  usage: 2,
  /** The flow has mistakes, or does not compile. */
  flow: 3,
  /** Configuration, store or credentials. */
  setup: 4,
  /** No such run, task or artifact. */
  notFound: 5,
  interrupted: 130,
  terminated: 143,
} as const;

/** Exit code of an error outside of the steps, by the table in `error-codes/`. */
export async function exitCodeOf(error: unknown): Promise<number> {
  const { exitClassOf } = await import('./error-codes/index.ts');
  return EXIT[exitClassOf(error)];
}
