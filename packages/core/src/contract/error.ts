/** A place in the user's own source. */
export interface SourceLocation {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column?: number;
}

/** One mistake in a flow, a parameter or a configuration. All mistakes are reported at once. */
export interface Finding {
  /** Stable, e.g. `VARVE_UNKNOWN_STEP`. */
  readonly code: string;
  /** Describes the mistake, with the names involved. */
  readonly message: string;
  /** Tells the user how to correct it. */
  readonly hint?: string;
  readonly location?: SourceLocation;
}

export interface VarveErrorOptions extends ErrorOptions {
  /** Tells the user what to do next. */
  readonly hint?: string;
  readonly location?: SourceLocation;
  /** All mistakes, when there may be several. */
  readonly findings?: readonly Finding[];
}

const VARVE_ERROR = Symbol.for('varve.VarveError');

/** An error with a stable code, a message and a hint. It is shown without a stack. */
export class VarveError extends Error {
  override readonly name = 'VarveError';
  /** Stable; the table of all codes is `docs/reference/errors.md`. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly findings: readonly Finding[];

  constructor(code: string, message: string, options: VarveErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
    this.location = options.location;
    this.findings = options.findings ?? [];
    Object.defineProperty(this, VARVE_ERROR, { value: true });
  }

  /** Works across two installed copies of this package. */
  static is(error: unknown, code?: string): error is VarveError {
    if (typeof error !== 'object' || error === null || !(VARVE_ERROR in error)) return false;
    return code === undefined || (error as unknown as VarveError).code === code;
  }
}
