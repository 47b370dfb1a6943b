/** Why S3, or the way to it, failed. The README says what each means. */
export type S3Reason =
  | 'access-denied'
  | 'archived'
  | 'broken-connection'
  | 'clock-off'
  | 'encryption-key'
  | 'expired-credentials'
  | 'missing-bucket'
  | 'no-conditional-writes'
  | 'no-credentials'
  | 'no-region'
  | 'no-space'
  | 'not-found'
  | 'not-s3'
  | 'replaced'
  | 'server-error'
  | 'stalled'
  | 'throttled'
  | 'too-large'
  | 'transfer-damaged'
  | 'unknown'
  | 'unreachable'
  | 'untrusted-server'
  | 'wrong-credentials'
  | 'wrong-region';

/**
 * The cause of a `StoreError` of this store: what the service or the network said, with nothing secret in it. The SDK's own
 * errors are not passed on: they carry requests and signatures.
 */
export class S3Failure extends Error {
  constructor(
    /** Stable. */
    readonly reason: S3Reason,
    /** The service's or the system's own name of the error, e.g. `SlowDown` or `ECONNRESET`. */
    override readonly name: string,
    message: string,
    /** The status of the answer; `undefined` when none came. */
    readonly status?: number,
    /** For questions to the service. */
    readonly requestId?: string,
  ) {
    super(message);
  }
}
