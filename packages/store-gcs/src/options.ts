import { type Finding, VarveError } from '@varve/core/contract';
import { isPrefix, MAX_PREFIX } from './keys.ts';

/** The content of a credentials file: of a service account, of a workload identity federation, of a user. */
export type GcsCredentials = Readonly<Record<string, unknown>>;

/** New objects get this class. Other than `STANDARD`, Google bills a minimal time of storage even for what gc deletes. */
export type GcsStorageClass = 'STANDARD' | 'NEARLINE' | 'COLDLINE' | 'ARCHIVE';

export interface GcsStoreOptions {
  /** Name of the bucket, which must exist. */
  readonly bucket: string;
  /** Folder within the bucket, e.g. `team/varve`. Default: the whole bucket. */
  readonly prefix?: string;
  /** Project of the credentials. Default: the one that they name. */
  readonly projectId?: string;
  /** File with credentials, relative to the root of the project. Default: application default credentials. */
  readonly keyFilename?: string;
  /** The content of such a file. Not for a config that is committed. */
  readonly credentials?: GcsCredentials;
  /** Another address of the service: an emulator, a private endpoint. Gets no application default credentials. */
  readonly apiEndpoint?: string;
  /** Default: that of the bucket. */
  readonly storageClass?: GcsStorageClass;
  /** Key of Cloud KMS that encrypts new objects. Default: that of the bucket. */
  readonly kmsKeyName?: string;
  /** Project that pays, for a bucket whose requesters pay. */
  readonly userProject?: string;
  /** Large artifacts are kept compressed where that pays, by a fifth at least. Default true. */
  readonly compress?: boolean;
  /** Ms without a byte after which a request, or an access token, is given up and tried again. Default 30,000. */
  readonly idleTimeoutMs?: number;
}

type Check = (value: unknown) => string | undefined;

const STORAGE_CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const PROJECT = /^[a-z0-9][a-z0-9.:-]*$/;
const KMS_KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

/** What each option must be, as the end of a sentence; `undefined` when it is. */
const CHECKS: Readonly<Record<keyof GcsStoreOptions, Check>> = {
  bucket: (value) => {
    if (typeof value === 'string' && value.includes('/')) return 'must be the bare name, with neither gs:// nor a path';
    return matches(value, BUCKET, 'the name of a bucket: 3 to 222 of a-z, 0-9, dot, dash and underscore');
  },
  prefix: (value) =>
    typeof value === 'string' && isPrefix(value)
      ? undefined
      : `must be parts of letters, digits and ._=- with slashes between them, at most ${MAX_PREFIX} bytes`,
  projectId: (value) => matches(value, PROJECT, 'the id of a project'),
  keyFilename: (value) => (isText(value) ? undefined : 'must be the path of a credentials file'),
  credentials: checkCredentials,
  apiEndpoint: (value) => (isText(value) && urlOf(value) ? undefined : 'must be an address with http:// or https://'),
  storageClass: (value) =>
    STORAGE_CLASSES.includes(value as string) ? undefined : `must be one of ${STORAGE_CLASSES.join(', ')}`,
  kmsKeyName: (value) => matches(value, KMS_KEY, 'projects/…/locations/…/keyRings/…/cryptoKeys/…'),
  userProject: (value) => matches(value, PROJECT, 'the id of a project'),
  compress: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  idleTimeoutMs: (value) =>
    typeof value === 'number' && value > 0 && Number.isFinite(value) ? undefined : 'must be a number of ms above 0',
};

/** Throws `VARVE_CONFIG` with everything that is wrong. Never quotes a value that may be a secret. */
export function checkOptions(options: unknown): GcsStoreOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongOptions(["needs an object with at least a bucket: gcsStore({ bucket: 'my-bucket' })"]);
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const problems = given.flatMap(([name, value]) => problemOf(name, value));
  if (!given.some(([name]) => name === 'bucket')) problems.unshift('"bucket" is missing');
  problems.push(...contradictions(options as GcsStoreOptions));
  if (problems.length > 0) throw wrongOptions(problems);
  return Object.fromEntries(given) as unknown as GcsStoreOptions;
}

function problemOf(name: string, value: unknown): string[] {
  if (!Object.hasOwn(CHECKS, name)) {
    return [`there is no option ${JSON.stringify(name)}; there are ${Object.keys(CHECKS).join(', ')}`];
  }
  const problem = CHECKS[name as keyof GcsStoreOptions](value);
  return problem === undefined ? [] : [`"${name}" ${problem}`];
}

function contradictions({ keyFilename, credentials, apiEndpoint }: GcsStoreOptions): string[] {
  const found: string[] = [];
  const isGiven = keyFilename !== undefined || credentials !== undefined;
  if (keyFilename !== undefined && credentials !== undefined) {
    found.push('"keyFilename" and "credentials" say the same: give one of them');
  }
  const url = typeof apiEndpoint === 'string' ? urlOf(apiEndpoint) : undefined;
  if (isGiven && url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    found.push('"apiEndpoint" begins with http://, which would send the credentials unencrypted over the network');
  }
  return found;
}

function wrongOptions(problems: readonly string[]): VarveError {
  return new VarveError('VARVE_CONFIG', 'gcsStore() cannot use these options', {
    hint: 'Correct them where the store is configured.',
    findings: problems.map(
      (problem) => ({ code: 'VARVE_CONFIG', message: `gcsStore(): ${problem}` }) satisfies Finding,
    ),
  });
}

function checkCredentials(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'must be the parsed content of a credentials file';
  const { type, client_email, private_key } = value as GcsCredentials;
  if (isText(client_email) && isText(private_key)) return undefined;
  if (isText(type) && type !== 'service_account') return undefined;
  return 'must have client_email and private_key, or a type other than service_account';
}

function matches(value: unknown, pattern: RegExp, what: string): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? undefined : `must be ${what}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

/** `undefined` for what is no address of a web service, or has a user, a query or a fragment. */
function urlOf(text: string): URL | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '' ? url : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}
