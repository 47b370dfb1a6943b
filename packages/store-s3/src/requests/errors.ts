import { StoreError, type StoreErrorCode } from '@varve/core/contract';
import { classify } from './classify.ts';
import { S3Failure, type S3Reason } from './failure.ts';

/** What a store tells its users about itself in an error. */
export interface Place {
  /** `s3://bucket/prefix` */
  readonly name: string;
  readonly bucket: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

interface Answer {
  readonly code: StoreErrorCode;
  readonly retryable: boolean;
  /** What is wrong and what to do, in whole sentences. */
  readonly advice: (place: Place, region: string | undefined) => string;
}

const denied = (advice: string): Answer => ({ code: 'permission-denied', retryable: false, advice: () => advice });
const again = (advice: Answer['advice']): Answer => ({ code: 'unavailable', retryable: true, advice });
const misled = (advice: Answer['advice']): Answer => ({ code: 'unavailable', retryable: false, advice });
const server = ({ endpoint }: Place): string => endpoint ?? 'S3';

const ANSWERS: Readonly<Record<S3Reason, Answer>> = {
  'no-credentials': denied(
    'No credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, log in (aws sso login), or set credentials of s3Store().',
  ),
  'wrong-credentials': denied('The credentials are wrong. Check the access key, its secret and the session token.'),
  'expired-credentials': denied('The credentials have expired. Log in again, then resume the run.'),
  'access-denied': denied(
    'Access is denied: a right is missing, or the credentials are wrong and S3 does not say so. The README of @varve/store-s3 lists the rights; without s3:ListBucket S3 answers the same for objects that do not exist.',
  ),
  'encryption-key': denied('The KMS key cannot be used. Check encryption.kmsKeyId and the rights on that key.'),
  'missing-bucket': misled(
    ({ bucket }) => `There is no bucket "${bucket}". Create it, or correct bucket, endpoint or region.`,
  ),
  'wrong-region': misled(({ region }, right) =>
    right === undefined
      ? `The bucket is in another region than ${region ?? 'the one that is set'}. Set region to that of the bucket.`
      : `The bucket is in ${right}, not in ${region ?? 'the region that is set'}. Set region: '${right}'.`,
  ),
  'no-region': misled(() => 'No region is set. Set region of s3Store(), or AWS_REGION.'),
  'not-s3': misled((place) => `${server(place)} does not answer as S3 does. Check endpoint.`),
  'untrusted-server': misled(
    (place) => `The certificate or protocol of ${server(place)} cannot be trusted. Check endpoint.`,
  ),
  'clock-off': again(() => 'The clock of this machine is off by more than S3 accepts. Set it right.'),
  throttled: again(() => 'S3 asks for fewer requests.'),
  'server-error': again(() => 'S3 has failed; it may succeed later.'),
  unreachable: again((place) => `${server(place)} cannot be reached. Check the network, endpoint and region.`),
  'broken-connection': again(() => 'The connection broke.'),
  stalled: again(() => 'Nothing has come for too long.'),
  'transfer-damaged': again(() => 'Bytes were damaged on the way.'),
  replaced: again(() => 'It was replaced while it was read.'),
  archived: { code: 'unsupported', retryable: false, advice: () => 'It is archived: restore it first.' },
  'too-large': { code: 'too-large', retryable: false, advice: () => 'The server takes no object of that size.' },
  'no-space': { code: 'no-space', retryable: false, advice: () => 'Free space in the bucket, or raise its quota.' },
  'not-found': { code: 'not-found', retryable: false, advice: () => 'It is not there.' },
  'no-conditional-writes': {
    code: 'unsupported',
    retryable: false,
    advice: (place) => `${server(place)} does not support what was asked for.`,
  },
  unknown: { code: 'unexpected', retryable: false, advice: () => '' },
};

/** A request that failed: what varve is told, and whether the service may have done it all the same. */
export interface Explained {
  readonly error: StoreError;
  readonly reason: S3Reason;
  readonly status: number | undefined;
  readonly isUnsure: boolean;
}

/** Turns any error of the SDK into a `StoreError` that names the store, the key and what to do, and holds no secret. */
export function explain(place: Place, verb: string, key: string | undefined, error: unknown): Explained {
  const failure = error instanceof S3Failure ? error : toFailure(error, place);
  const { reason, status } = failure;
  const { code, retryable, advice } = ANSWERS[reason];
  const what = key === undefined ? place.name : `"${key}" in ${place.name}`;
  const said = [advice(place, rightRegion(error)), `(${failure.name}${failure.message && `: ${failure.message}`})`];
  const message = `Cannot ${verb} ${what}. ${said.filter((part) => part !== '').join(' ')}`;
  const options = { cause: failure, retryable, ...(key !== undefined && { key }) };
  const isUnsure = status === undefined || status >= 500 || status === 408 || status < 400;
  return { error: new StoreError(code, message, options), reason, status, isUnsure };
}

function toFailure(error: unknown, place: Place): S3Failure {
  const { name, code, message, $metadata } = fieldsOf(error);
  const status = $metadata?.httpStatusCode;
  const errno = typeof code === 'string' ? code : undefined;
  const text = firstLine(typeof message === 'string' ? message : String(error));
  const shown = String(name === 'Error' || name === 'TimeoutError' ? (errno ?? name) : (name ?? 'Error'));
  const facts = { name: String(name), message: text, ...(errno !== undefined && { errno }) };
  const region = rightRegion(error);
  const isElsewhere = region !== undefined && place.region !== undefined && region !== place.region;
  const reason = classify({ ...facts, isElsewhere, ...(status !== undefined && { status }) });
  return new S3Failure(reason, shown, text === shown ? '' : text, status, $metadata?.requestId);
}

interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly Region?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function fieldsOf(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : {};
}

function rightRegion(error: unknown): string | undefined {
  const { Region, $response } = fieldsOf(error);
  return typeof Region === 'string' ? Region : $response?.headers?.['x-amz-bucket-region'];
}

function firstLine(text: string): string {
  return (text.split(/[\r\n]/, 1)[0] ?? '').slice(0, 300);
}
