import { type Finding, VarveError } from '@varve/core/contract';

/** When the SDK adds or checks a checksum of its own: whenever it can, or only where S3 insists. */
export type S3ChecksumMode = 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they end: a function that gives credentials is called again some minutes before. */
  readonly expiration?: Date;
}

/** Encryption by the server, asked for with every object that is written. */
export interface S3Encryption {
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** Id or ARN; left out: the key of the account. Only with `aws:kms` and `aws:kms:dsse`. */
  readonly kmsKeyId?: string;
  /** Fewer calls to KMS, through a key of the bucket. Only with `aws:kms`. */
  readonly bucketKey?: boolean;
}

export interface S3StoreOptions {
  readonly bucket: string;
  /** Goes before every key, with a slash between: stores with different prefixes never see each other. */
  readonly prefix?: string;
  /** Default: what the SDK finds in the environment and in `~/.aws`; with an endpoint, `us-east-1`. */
  readonly region?: string;
  /** A server other than AWS, e.g. `http://127.0.0.1:9000`. Default: `AWS_ENDPOINT_URL_S3`, then `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
  /** The bucket in the path rather than in the host name. Default: true with an endpoint. */
  readonly forcePathStyle?: boolean;
  /** Default: the chain of the SDK: environment, `~/.aws`, SSO, web identity, container, instance. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>);
  /** Default: the SDK's own; with an endpoint `WHEN_REQUIRED`, because many servers know no other. */
  readonly requestChecksumCalculation?: S3ChecksumMode;
  /** Default: as `requestChecksumCalculation`. */
  readonly responseChecksumValidation?: S3ChecksumMode;
  readonly encryption?: S3Encryption;
  /** Default: that of the bucket. */
  readonly storageClass?: string;
  /** Agrees to pay for requests to a bucket whose owner does not. */
  readonly requestPayer?: boolean;
  /** Large artifacts are kept compressed where that pays, by a fifth at least. Default true. */
  readonly compress?: boolean;
  /** Ms without a byte in either direction after which a request has stalled. Default 30,000. */
  readonly idleTimeoutMs?: number;
}

/** The options once they are checked, with what they leave to defaults. */
export interface Settings extends Omit<S3StoreOptions, 'prefix' | 'idleTimeoutMs'> {
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly idleTimeoutMs: number;
  /** True when AWS itself answers, of which is known what it can do. */
  readonly isAws: boolean;
}

const IDLE_MS = 30_000;
const PREFIX_MAX = 400;
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$|^arn:[\w:./-]+$/;
const PREFIX = /^(?:(?!\.{1,2}(?:\/|$))[\w.!*'()=@+-]+(?:\/(?!$)|$))+$/;
const AWS_HOST = /\.amazonaws\.com(?:\.cn)?$/;
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];
const MODES = ['WHEN_SUPPORTED', 'WHEN_REQUIRED'];
const ALGORITHMS = ['AES256', 'aws:kms', 'aws:kms:dsse'];

/** Says what is wrong with a value, as the end of a sentence; `undefined` when it can be used. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'has to be a text');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'has to be true or false');
const mode = oneOf(MODES);

const CHECKS: Readonly<Record<keyof S3StoreOptions, Check>> = {
  bucket: (value) =>
    typeof value === 'string' && BUCKET.test(value)
      ? directoryBucket(value)
      : 'has to be the name of a bucket, without s3://',
  prefix: (value) =>
    typeof value === 'string' && value.length <= PREFIX_MAX && PREFIX.test(trimmed(value))
      ? undefined
      : `has to be like "team" or "team/project": letters, digits and _.!*'()=@+- between slashes, up to ${PREFIX_MAX} bytes`,
  region: text,
  endpoint: checkEndpoint,
  forcePathStyle: flag,
  credentials: checkCredentials,
  requestChecksumCalculation: mode,
  responseChecksumValidation: mode,
  encryption: checkEncryption,
  storageClass: (value) =>
    ARCHIVES.includes(String(value)) ? 'is an archive, from which nothing can be read at once' : text(value),
  requestPayer: flag,
  compress: flag,
  idleTimeoutMs: (value) =>
    typeof value === 'number' && value > 0 && Number.isFinite(value) ? undefined : 'has to be a number of ms above 0',
};

/** Checks the options and adds what they leave out. Throws `VARVE_CONFIG` with everything that is wrong, values left out. */
export function readOptions(options: S3StoreOptions, env: Readonly<Record<string, string | undefined>>): Settings {
  const endpoint = options?.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  const given = endpoint === undefined ? options : { ...options, endpoint };
  const findings = findProblems(given);
  if (findings.length > 0) throw new VarveError('VARVE_CONFIG', 's3Store() cannot use these options', { findings });
  const isAws = endpoint === undefined || AWS_HOST.test(new URL(endpoint).hostname);
  const { prefix, idleTimeoutMs = IDLE_MS } = options;
  return {
    ...(env.AWS_REGION !== undefined && { region: env.AWS_REGION }),
    ...(isAws ? {} : elsewhere(env.AWS_REGION)),
    ...withoutUndefined(given),
    prefix: prefix === undefined ? '' : `${trimmed(prefix)}/`,
    idleTimeoutMs,
    isAws,
  };
}

/** What servers other than AWS want. */
function elsewhere(region = 'us-east-1'): Partial<S3StoreOptions> {
  return {
    region,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

function findProblems(options: unknown): Finding[] {
  if (!isRecord(options)) return [finding('s3Store() has to be given an object, at least { bucket }')];
  const known = Object.keys(CHECKS);
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  const checked = Object.entries(CHECKS).flatMap(([name, check]) => {
    const value = options[name];
    const problem = value === undefined && name !== 'bucket' ? undefined : check(value);
    return problem === undefined ? [] : [finding(`s3Store(): ${name} ${problem}`)];
  });
  return [
    ...unknown.map((name) => finding(`s3Store() has no option ${name}`, `Its options are ${known.join(', ')}.`)),
    ...checked,
  ];
}

function finding(message: string, hint?: string): Finding {
  return { code: 'VARVE_CONFIG', message, ...(hint !== undefined && { hint }) };
}

function directoryBucket(name: string): string | undefined {
  if (!name.endsWith('--x-s3')) return undefined;
  return 'is a directory bucket, which cannot list by the start of a key: use a general purpose bucket';
}

function checkEndpoint(value: unknown): string | undefined {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return 'has to be a URL, such as https://objects.example.org';
  if (url.username !== '' || url.password !== '')
    return 'holds a name or a password; use the option credentials for them';
  return undefined;
}

function checkCredentials(value: unknown): string | undefined {
  if (typeof value === 'function') return undefined;
  if (!isRecord(value)) return 'has to be an object, or a function that resolves with one';
  const names = ['accessKeyId', 'secretAccessKey', 'sessionToken'];
  // What the SDK hands out as credentials says more of itself.
  const others = ['expiration', 'accountId', 'credentialScope'];
  const wrong = Object.keys(value).filter((name) => ![...names, ...others].includes(name) && !name.startsWith('$'));
  if (wrong.length > 0) return `has no ${wrong.join(', ')}: it holds ${names.join(', ')}`;
  const missing = names.slice(0, 2).filter((name) => text(value[name]) !== undefined);
  return missing.length > 0 ? `has to hold a text as ${missing.join(' and ')}` : undefined;
}

function checkEncryption(value: unknown): string | undefined {
  if (!isRecord(value)) return 'has to be an object such as { algorithm: "aws:kms" }';
  const { algorithm, kmsKeyId, bucketKey, ...others } = value;
  const problem = oneOf(ALGORITHMS)(algorithm);
  if (problem !== undefined) return `has an algorithm that cannot be used: it ${problem}`;
  if (Object.keys(others).length > 0) return `has no ${Object.keys(others).join(', ')}`;
  if (kmsKeyId !== undefined && (algorithm === 'AES256' || text(kmsKeyId)))
    return 'takes a kmsKeyId, a text, only with KMS';
  if (bucketKey !== undefined && (algorithm !== 'aws:kms' || flag(bucketKey)))
    return 'takes bucketKey only with aws:kms';
  return undefined;
}

function oneOf(names: readonly string[]): Check {
  return (value) => (names.includes(String(value)) ? undefined : `has to be one of ${names.join(', ')}`);
}

function trimmed(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An option set to `undefined` counts as left out. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
