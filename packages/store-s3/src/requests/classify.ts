import type { S3Reason } from './failure.ts';

/** What of an error tells its reason. */
export interface ErrorFacts {
  /** As the service or the SDK names it. */
  readonly name: string;
  /** Of the system, e.g. `ECONNRESET`. */
  readonly errno?: string;
  readonly status?: number;
  readonly message: string;
  /** True when the answer says that the bucket is in another region than the one that is set. */
  readonly isElsewhere?: boolean;
}

const BY_NAME: Readonly<Record<string, S3Reason>> = {
  NoSuchBucket: 'missing-bucket',
  NoSuchKey: 'not-found',
  NotFound: 'not-found',
  InvalidAccessKeyId: 'wrong-credentials',
  SignatureDoesNotMatch: 'wrong-credentials',
  InvalidToken: 'wrong-credentials',
  InvalidClientTokenId: 'wrong-credentials',
  UnrecognizedClientException: 'wrong-credentials',
  CredentialsProviderError: 'no-credentials',
  ExpiredToken: 'expired-credentials',
  ExpiredTokenException: 'expired-credentials',
  TokenProviderError: 'expired-credentials',
  TokenRefreshRequired: 'expired-credentials',
  RequestTimeTooSkewed: 'clock-off',
  RequestExpired: 'clock-off',
  AuthorizationHeaderMalformed: 'wrong-region',
  PermanentRedirect: 'wrong-region',
  TemporaryRedirect: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
  AccessDenied: 'access-denied',
  InvalidObjectState: 'archived',
  SlowDown: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  RequestThrottled: 'throttled',
  TooManyRequests: 'throttled',
  TooManyRequestsException: 'throttled',
  BandwidthLimitExceeded: 'throttled',
  EntityTooLarge: 'too-large',
  QuotaExceeded: 'no-space',
  XMinioStorageFull: 'no-space',
  BadDigest: 'transfer-damaged',
  InvalidDigest: 'transfer-damaged',
  IncompleteBody: 'transfer-damaged',
  XAmzContentSHA256Mismatch: 'transfer-damaged',
  RequestTimeout: 'stalled',
  InternalError: 'server-error',
  ServiceUnavailable: 'server-error',
  OperationAborted: 'server-error',
  ConditionalRequestConflict: 'server-error',
  // Of an upload that was there a moment ago: another one has to be begun.
  NoSuchUpload: 'server-error',
};

const BY_STATUS: Readonly<Record<number, S3Reason>> = {
  301: 'wrong-region',
  307: 'wrong-region',
  401: 'access-denied',
  403: 'access-denied',
  404: 'not-found',
  408: 'stalled',
  409: 'server-error',
  413: 'too-large',
  429: 'throttled',
  501: 'no-conditional-writes',
  503: 'throttled',
  507: 'no-space',
};

const BROKEN = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CONSTANT'];
const UNREACHABLE = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
];
const UNTRUSTED = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO)/;

/** Decides why a request failed, from the name the service gave, then the system's, then the status. */
export function classify({ name, errno = '', status, message, isElsewhere }: ErrorFacts): S3Reason {
  const named = BY_NAME[name];
  if (named !== undefined) return named;
  // The answer to a HEAD has no body, and so no name.
  if (isElsewhere && status === 400) return 'wrong-region';
  if (name.startsWith('KMS.')) return 'encryption-key';
  if (UNTRUSTED.test(errno)) return 'untrusted-server';
  if (UNREACHABLE.includes(errno)) return 'unreachable';
  if (BROKEN.includes(errno) || message === 'aborted' || message === 'socket hang up') return 'broken-connection';
  if (name === 'TimeoutError' || errno === 'ETIMEDOUT') return 'stalled';
  if (message.startsWith('Region is missing')) return 'no-region';
  if (message.startsWith('Checksum mismatch')) return 'transfer-damaged';
  if (status === undefined) return 'unknown';
  return BY_STATUS[status] ?? (status >= 500 ? 'server-error' : status < 400 ? 'not-s3' : 'unknown');
}
