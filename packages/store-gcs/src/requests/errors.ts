import { StoreError, type StoreErrorCode } from '@varve/core/contract';
import { Timeout } from './deadline.ts';
import { redact } from './redact.ts';

/** What was tried when an error came, for its message. */
export interface Deed {
  /** E.g. `gs://bucket/prefix`. */
  readonly store: string;
  /** E.g. `write`. */
  readonly verb: string;
  readonly key: string;
  readonly secrets: readonly string[];
}

/** An answer that is no success, read to its end. */
export interface Refusal {
  readonly status: number;
  /** Google's short name of the reason, e.g. `rateLimitExceeded`; empty when it gave none. */
  readonly reason: string;
  readonly message: string;
}

interface Kind {
  readonly code: StoreErrorCode;
  readonly hint?: string;
}

const LOGIN =
  'Run "gcloud auth application-default login", set GOOGLE_APPLICATION_CREDENTIALS, or give the option keyFilename.';
const ROLE = 'The account needs the role Storage Object User (roles/storage.objectUser) on the bucket.';
/** Reasons of a 403 that pass by themselves. */
const QUOTAS = /^(?:rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded|backendError)$/;

/** Sorts an answer by its status and reason: never by its words, where there is another way. */
function kindOfRefusal({ status, reason, message }: Refusal): Kind {
  if (status === 401) return { code: 'permission-denied', hint: `Check the credentials. ${LOGIN}` };
  if (status === 403) {
    if (QUOTAS.test(reason)) return { code: 'unavailable' };
    if (/retention|hold/i.test(reason)) {
      return { code: 'permission-denied', hint: 'A retention policy or a hold of the bucket protects the object.' };
    }
    return { code: 'permission-denied', hint: ROLE };
  }
  // The one precondition of this store is that there is no such object.
  if (status === 412) return { code: 'already-exists' };
  if (status === 408 || status === 409 || status === 410 || status === 429 || status >= 500) {
    return { code: 'unavailable' };
  }
  if (status === 400 && /requester pays/i.test(message)) {
    return { code: 'permission-denied', hint: 'Say who pays with the option "userProject".' };
  }
  // The bytes were damaged on their way: the service kept nothing.
  if (status === 400 && /doesn't match calculated/.test(message)) return { code: 'unavailable' };
  if (status === 413) return { code: 'too-large' };
  return { code: 'unexpected' };
}

/** The error for an answer that is no success. A 404 has to be one of the bucket. */
export function refusalError(deed: Deed, refusal: Refusal): StoreError {
  const words = redact(refusal.message, deed.secrets) || 'no reason given';
  const said = `Google answered ${refusal.status}${refusal.reason === '' ? '' : ` ${redact(refusal.reason)}`}: ${words}`;
  if (refusal.status === 404) return noBucket(deed, said);
  const { code, hint } = kindOfRefusal(refusal);
  return storeError(deed, code, said, hint);
}

/** In the words that every store in a bucket has for it. */
function noBucket({ store, verb, key }: Deed, said: string): StoreError {
  const [, bucket = ''] = /^gs:\/\/([^/]+)/.exec(store) ?? [];
  const advice = `There is no bucket "${bucket}". Create it, or correct bucket or apiEndpoint. (${said})`;
  const message = `Cannot ${verb} ${JSON.stringify(key)} in ${store}. ${advice}`;
  return new StoreError('unavailable', message, { key, retryable: false });
}

/** Codes of the system that another attempt may not meet. Certificates, for one, do not mend themselves. */
const TRANSIENT =
  /^(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE|ERR_STREAM_PREMATURE_CLOSE|ERR_SOCKET_CONNECTION_TIMEOUT|HPE_INVALID_.*|ERR_SSL_.*)$/;

/** The error for a request that got no answer, or a part of one. */
export function networkError(deed: Deed, error: unknown): unknown {
  if (StoreError.is(error)) return error;
  if (error instanceof Timeout) return storeError(deed, 'unavailable', `${error.message}`);
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const code = TRANSIENT.test(errno) ? 'unavailable' : 'unexpected';
  return storeError(deed, code, redact(`${errno}: ${messageOf(error)}`, deed.secrets));
}

/** The error for credentials that the SDK cannot find, read or change for a token. */
export function credentialsError(deed: Deed, error: unknown): StoreError {
  const errno = errnoOf(error);
  const status = Number((error as { readonly response?: { readonly status?: number } }).response?.status ?? 0);
  if (error instanceof Timeout || (errno !== undefined && TRANSIENT.test(errno)) || status === 429 || status >= 500) {
    return storeError(deed, 'unavailable', `no access token: ${redact(messageOf(error), deed.secrets)}`);
  }
  // OpenSSL's own words help nobody.
  const isKey = errno?.startsWith('ERR_OSSL') === true;
  const words = isKey ? 'the private key cannot be read' : redact(messageOf(error), deed.secrets);
  return storeError(deed, 'permission-denied', `no access token: ${words}`, LOGIN);
}

export function storeError(deed: Deed, code: StoreErrorCode, what: string, hint?: string): StoreError {
  const { store, verb, key } = deed;
  const end = /[.!?…]$/.test(what) ? '' : '.';
  const message = `Cannot ${verb} ${JSON.stringify(key)} in ${store}: ${what}${end}${hint === undefined ? '' : ` ${hint}`}`;
  // No cause: errors of the SDK carry requests with their tokens.
  return new StoreError(code, message, { key });
}

/** The error for a success that Google does not answer with: it comes from something in between. */
export function notGoogle(deed: Deed, what: string): StoreError {
  return storeError(
    deed,
    'unexpected',
    what,
    'Something else than Google Cloud Storage answers: check apiEndpoint, and proxies.',
  );
}

export function notFound(store: string, key: string): StoreError {
  return new StoreError('not-found', `There is no "${key}" in ${store}.`, { key });
}

function errnoOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
