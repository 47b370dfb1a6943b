/** Options every asynchronous method of the contract takes. Abort rejects with `signal.reason`. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /**
   * For what repeats calls, not for stores: called before each attempt. A call that may have to wait a minute for its service
   * must not be made when its reason is gone by then. What it throws ends the call.
   */
  readonly beforeAttempt?: () => void;
}

/**
 * Bytes of known length that can be read more than once, so that a retry can start over.
 * The shape is restic's rewindable reader.
 */
export interface Body {
  /** Exact length in bytes. */
  readonly size: number;
  /** Starts at the first byte. Each call returns an independent stream of non-empty chunks. */
  open(): AsyncIterable<Uint8Array>;
  /**
   * The whole body, when it is in memory anyway: lets a store write it in one call.
   * A store may ignore it. Never present for bodies over a few MiB.
   */
  readonly bytes?: Uint8Array;
}

/** Metadata of one stored object. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last write, in ms since the Unix epoch, by the STORE's clock. */
  readonly modifiedAt: number;
}

/** Optional abilities of a store. Data, so that tests and docs read the same field. */
export interface DatastoreCapabilities {
  /** `put` with `ifAbsent` is atomic between processes. Without it varve refuses to write runs. */
  readonly conditionalPut: boolean;
  /** `get` serves `range` without reading what lies before it. */
  readonly rangeRead: boolean;
  /** Largest object, in bytes; `Infinity` when there is no limit. */
  readonly maxObjectBytes: number;
}

export interface PutOptions extends CallOptions {
  /** Reject with `already-exists` when the key is taken. Passed only if `conditionalPut`. */
  readonly ifAbsent?: boolean;
}

export interface GetOptions extends CallOptions {
  /** Bytes, half-open: `start <= i < end`. Passed only if `rangeRead`. A range past the end is cut at the end. */
  readonly range?: { readonly start: number; readonly end: number };
  /**
   * Reads the object itself and no copy of it that the store keeps nearer, because the object is in doubt: it is being
   * verified, or is about to be moved away. A store without copies ignores this.
   */
  readonly uncached?: boolean;
  /**
   * Bytes that the caller expects the whole object to have, also beside `range`: a store may fetch a large one in parallel
   * parts, and may ignore it. What is read is the same when it is wrong. Pass it for objects that no other bytes replace:
   * parts are of one version or the read rejects with `unavailable`, and goes on with the object that is there then.
   */
  readonly size?: number;
}

export interface DeleteOptions extends CallOptions {
  /**
   * Removes the object itself and no copy of it that the store keeps nearer, because the object is damaged: a sound copy may
   * take its place. A store without copies ignores this.
   */
  readonly uncached?: boolean;
}

export interface StatOptions extends CallOptions {
  /** Bytes that the caller expects the object to have, which a store may ignore. */
  readonly size?: number;
}

/** What a store says of the place where it keeps its objects: of a bucket's rules, for one. `varve doctor` shows it. */
export interface StoreFinding {
  /** What was looked at, in one or two words, e.g. `lifecycle`. Stable. */
  readonly about: string;
  /** `problem`: objects will be lost, or runs fail. `skipped`: it could not be looked at. */
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  /** One sentence, with the names involved and no secret. */
  readonly message: string;
  /** Tells the user what to do about it. Left out only where there is nothing to do. */
  readonly mend?: string;
}

/**
 * Stores bytes under a key. It knows nothing of flows, hashes or values.
 *
 * Keys are `segment/segment` of `[a-z0-9._-]`, 1 to 512 bytes, with no empty, `.` or `..` segment, and no key is the
 * folder of another (`a` and `a/b` never both exist). varve encodes names from users before they become keys, so a
 * store MUST NOT escape, encode or case-fold them, and MUST refuse a key outside the grammar with `unsupported`.
 *
 * All methods may be called at any time, in any order, in parallel, from several processes.
 */
export interface Datastore {
  /** Shown in messages, e.g. `s3://bucket/prefix`. Never holds a secret. */
  readonly name: string;
  readonly capabilities: DatastoreCapabilities;
  /**
   * Folders of this machine that the store writes to, absolute; they need not be there yet. Optional. `varve doctor` looks at
   * the space that is left there.
   */
  readonly folders?: readonly string[];
  /**
   * Large artifacts are to be kept compressed here where that pays: because the store is far away, or bytes in it cost
   * money. Optional; default false. It is varve that compresses: the store keeps and gives back what it is handed.
   */
  readonly compress?: boolean;
  /**
   * Writes all of `body` or nothing: no reader ever sees a part, and a body that fails, is aborted, or yields another
   * number of bytes than `size` leaves nothing behind (rejects with `corrupt` in the last case). Overwrites unless
   * `ifAbsent`. When it resolves the object is as durable as the store promises in its own documentation.
   */
  put(key: string, body: Body, options?: PutOptions): Promise<void>;
  /** Streams the object. Rejects with `not-found` before the first byte. */
  get(key: string, options?: GetOptions): Promise<AsyncIterable<Uint8Array>>;
  /**
   * The same in one synchronous call, for stores whose bytes are at hand: memory, local files. Optional. Throws what `get`
   * rejects with. It lets a task that runs in the thread of the store read a field of `this`.
   */
  getSync?(key: string, options?: Pick<GetOptions, 'range' | 'size'>): Uint8Array;
  /** `undefined` when the key is free: absence is an answer here, NOT an error. */
  stat(key: string, options?: StatOptions): Promise<ObjectInfo | undefined>;
  /**
   * Every object whose key starts with `prefix` (a plain string prefix, not a folder), each once, in no order.
   * Stop by leaving the loop. Objects written or removed meanwhile may or may not appear. No match is NOT an error.
   */
  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo>;
  /** Removes the object. Removing a free key succeeds: it is NOT an error. */
  delete(key: string, options?: DeleteOptions): Promise<void>;
  /** Copies one object without moving its bytes through this process. Optional; overwrites. */
  copy?(from: string, to: string, options?: CallOptions): Promise<void>;
  /**
   * Looks at what the service does with objects by itself and no other call shows, such as rules that delete them, and changes
   * nothing. Optional. What this user may not see is a `skipped` finding that names the missing right, NOT an error.
   */
  inspect?(options?: CallOptions): Promise<readonly StoreFinding[]>;
  /** Releases sockets and handles. Called last; calling it again is NOT an error. */
  close?(): Promise<void>;
}

/**
 * A closed set of errors that a caller can act on. The idea is OpenDAL's `ErrorKind`. `not-found` is said of an object alone, and
 * has varve make it again: when the whole place is missing, e.g. there is no such bucket, it is `unavailable` with `retryable: false`.
 */
export type StoreErrorCode =
  | 'not-found'
  | 'already-exists'
  | 'permission-denied'
  | 'no-space'
  | 'too-large'
  | 'unavailable'
  | 'corrupt'
  | 'unsupported'
  | 'unexpected';

const STORE_ERROR = Symbol.for('varve.StoreError');

/** The only error a store throws on purpose. Any other error counts as `unexpected` and is not retried. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly key: string | undefined;
  /** True when the same call may succeed later. Default: only for `unavailable`. */
  readonly retryable: boolean;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: ErrorOptions & { readonly key?: string; readonly retryable?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.key = options.key;
    this.retryable = options.retryable ?? code === 'unavailable';
    Object.defineProperty(this, STORE_ERROR, { value: true });
  }

  /** Works across two installed copies of this package: a global symbol, not `instanceof`. */
  static is(error: unknown, code?: StoreErrorCode): error is StoreError {
    if (typeof error !== 'object' || error === null || !(STORE_ERROR in error)) return false;
    return code === undefined || (error as unknown as StoreError).code === code;
  }
}
