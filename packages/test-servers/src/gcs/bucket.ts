import { ApiError, badRequest, noObject } from './answers.ts';
import { crc32c, md5 } from './hashes.ts';

/** What a client may say of an object it writes. */
export interface Resource {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly crc32c?: string;
  readonly md5Hash?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface StoredObject {
  readonly name: string;
  readonly bytes: Buffer;
  readonly generation: number;
  /** Ms since the Unix epoch, by the clock of the server. */
  readonly createdAt: number;
  readonly crc32c: string;
  readonly md5Hash: string;
  readonly resource: Resource;
  readonly kmsKeyName: string | undefined;
}

/** The generation that an object must have; 0 for none. `undefined`: any. */
export function wantedGeneration(query: URLSearchParams): number | undefined {
  const wanted = query.get('ifGenerationMatch');
  if (wanted === null) return undefined;
  if (!/^\d+$/.test(wanted)) throw badRequest(`Invalid unsigned long: ${wanted}`);
  return Number(wanted);
}

const MAX_PAGE = 1000;

/** The objects of one bucket. */
export class Bucket {
  #objects = new Map<string, StoredObject>();
  #lastGeneration = 1_700_000_000_000_000;

  constructor(
    readonly name: string,
    private readonly now: () => number,
  ) {}

  names(): string[] {
    return [...this.#objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  peek(name: string): StoredObject | undefined {
    return this.#objects.get(name);
  }

  /** Stores other bytes behind the back of all clients, or removes the object. */
  replace(name: string, bytes: Buffer | undefined): void {
    this.#objects.delete(name);
    if (bytes !== undefined) this.insert(name, bytes, {}, new URLSearchParams());
  }

  /** Returns what brings the objects of this moment back. */
  remember(): () => void {
    const before = new Map(this.#objects);
    return () => (this.#objects = before);
  }

  /** Makes objects older, in ms: all, or those whose name is meant. */
  age(ms: number, isMeant: (name: string) => boolean = () => true): void {
    for (const [name, object] of this.#objects) {
      if (isMeant(name)) this.#objects.set(name, { ...object, createdAt: object.createdAt - ms });
    }
  }

  /** Throws 404, and 412 when the object is not of the wanted generation. */
  find(name: string, query: URLSearchParams): StoredObject {
    const found = this.#objects.get(name);
    if (found === undefined) throw noObject(this.name, name);
    this.require(name, wantedGeneration(query));
    const generation = query.get('generation');
    if (generation !== null && Number(generation) !== found.generation) throw noObject(this.name, name);
    return found;
  }

  require(name: string, wanted: number | undefined): void {
    const actual = this.#objects.get(name)?.generation ?? 0;
    if (wanted === undefined || wanted === actual) return;
    const message = 'At least one of the pre-conditions you specified did not hold.';
    throw new ApiError(412, 'conditionNotMet', message);
  }

  /** Stores the bytes whole, once hashes and preconditions hold. */
  insert(name: string, bytes: Buffer, resource: Resource, query: URLSearchParams): StoredObject {
    checkName(name);
    const hashes = { crc32c: crc32c(bytes), md5Hash: md5(bytes) };
    requireHash('CRC32C', resource.crc32c, hashes.crc32c);
    requireHash('MD5 hash', resource.md5Hash, hashes.md5Hash);
    this.require(name, wantedGeneration(query));
    this.#lastGeneration += 1;
    const object: StoredObject = {
      name,
      bytes,
      generation: this.#lastGeneration,
      createdAt: this.now(),
      ...hashes,
      resource,
      kmsKeyName: query.get('kmsKeyName') ?? query.get('destinationKmsKeyName') ?? undefined,
    };
    this.#objects.set(name, object);
    return object;
  }

  delete(name: string, query: URLSearchParams): void {
    this.find(name, query);
    this.#objects.delete(name);
  }

  /** One page; `pageToken` names the last object or folder of the page before. */
  list(query: URLSearchParams): object {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const from = query.get('startOffset') ?? '';
    const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString();
    const size = Math.min(Number(query.get('maxResults') ?? MAX_PAGE), MAX_PAGE);
    const names = this.names().filter((name) => name.startsWith(prefix) && name >= from);
    const entries = [...new Set(names.map((name) => folderOf(name, prefix, delimiter) ?? name))];
    const page = entries.filter((entry) => entry > after).slice(0, size);
    const items = page.flatMap((entry) => this.#objects.get(entry) ?? []).map((object) => describe(this.name, object));
    const prefixes = page.filter((entry) => !this.#objects.has(entry));
    const last = page.at(-1);
    const more = last !== undefined && last !== entries.at(-1);
    return {
      kind: 'storage#objects',
      ...(items.length > 0 && { items }),
      ...(prefixes.length > 0 && { prefixes }),
      ...(more && { nextPageToken: Buffer.from(last).toString('base64url') }),
    };
  }
}

function folderOf(name: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) throw new ApiError(400, 'required', 'Required');
  if (bytes > 1024 || /[\r\n]/.test(name) || name === '.' || name === '..' || name.startsWith('.well-known/acme-ch')) {
    throw badRequest('Invalid argument.');
  }
}

function requireHash(kind: string, said: string | undefined, actual: string): void {
  if (said === undefined || said === actual) return;
  throw badRequest(`Provided ${kind} "${said}" doesn't match calculated ${kind} "${actual}".`);
}

/** The object as the service describes it. */
export function describe(bucket: string, object: StoredObject): object {
  const time = new Date(object.createdAt).toISOString();
  const { contentType, cacheControl, metadata, storageClass = 'STANDARD' } = object.resource;
  return {
    kind: 'storage#object',
    id: `${bucket}/${object.name}/${object.generation}`,
    name: object.name,
    bucket,
    generation: String(object.generation),
    metageneration: '1',
    size: String(object.bytes.length),
    crc32c: object.crc32c,
    md5Hash: object.md5Hash,
    storageClass,
    timeCreated: time,
    updated: time,
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(metadata !== undefined && { metadata }),
    ...(object.kmsKeyName !== undefined && { kmsKeyName: `${object.kmsKeyName}/cryptoKeyVersions/1` }),
  };
}
