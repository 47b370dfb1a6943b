const NON_RETRYABLE = Symbol.for('varve.NonRetryableError');

/** Thrown by a step when trying again cannot help: no attempt follows, whatever `retry` says. */
export class NonRetryableError extends Error {
  override readonly name: string = 'NonRetryableError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, NON_RETRYABLE, { value: true });
  }
}

/** Works across two installed copies of this package. */
export function isNonRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && NON_RETRYABLE in error;
}
