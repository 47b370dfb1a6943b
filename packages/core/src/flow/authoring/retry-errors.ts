const NON_RETRYABLE = Symbol.for('varve.NonRetryableError');
const RETRY_AFTER = Symbol.for('varve.RetryAfterError');

/** Thrown by a step when another attempt cannot help: none follows, also with `retry`. */
export class NonRetryableError extends Error {
  override readonly name: string = 'NonRetryableError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, NON_RETRYABLE, { value: true });
  }
}

/**
 * Thrown by a step that was told when to come back, as by the header `Retry-After` of a server: the next attempt that
 * `retry` allows starts then, however long `backoff` and `maxBackoff` are, and whatever `on` names. Without attempts left
 * it is a failure like any other.
 */
export class RetryAfterError extends Error {
  override readonly name: string = 'RetryAfterError';

  /** `after`: ms from now, or a point in time; one that is past means at once. Throws `RangeError` for what is no time. */
  constructor(after: number | Date, message?: string, options?: ErrorOptions) {
    const ms = typeof after === 'number' ? after : after.getTime() - Date.now();
    if (!Number.isFinite(ms)) throw new RangeError(`RetryAfterError: ${String(after)} is neither ms nor a valid Date`);
    super(message ?? `try again in ${Math.max(0, Math.ceil(ms / 1000))} s`, options);
    Object.defineProperty(this, RETRY_AFTER, { value: Math.max(0, ms) });
  }
}

/** Works across two installed copies of this package. */
export function isNonRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && NON_RETRYABLE in error;
}

/** Ms that a thrown error asks to wait before the next attempt; `undefined` when it does not. */
export function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !(RETRY_AFTER in error)) return undefined;
  const ms = error[RETRY_AFTER];
  return typeof ms === 'number' && ms >= 0 ? ms : undefined;
}
