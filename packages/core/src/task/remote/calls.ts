import {
  type Digest,
  type Finding,
  type SourceLocation,
  StoreError,
  type StoreErrorCode,
  VarveError,
} from '../../contract/index.ts';
import { ArtifactError, type ArtifactErrorCode, CAUSES_MAX, isDigest } from '../../store/index.ts';

interface Request {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}
type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: WireError };

/**
 * Carries messages both ways, whole and in order: a port, a worker, a socket. Messages are structured-cloneable: plain
 * data and `Uint8Array`. What is listed for `transfer` may be copied instead.
 */
export interface Channel {
  postMessage(message: unknown, transfer?: readonly object[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

export type Handlers<C> = {
  readonly [K in keyof C]: C[K] extends (argument: infer A) => infer R ? (argument: A) => R | Awaited<R> : never;
};

/** Answers calls from the other side, in any order, errors included. */
export function serveCalls<C>(channel: Channel, handlers: Handlers<C>): void {
  channel.on('message', (message) => {
    const { id, call, argument } = message as Request;
    const handler = handlers[call as keyof C] as ((argument: unknown) => unknown) | undefined;
    if (id === undefined || !handler) return;
    Promise.resolve()
      .then(() => handler(argument))
      .then(
        (value) => channel.postMessage({ id, value } satisfies Reply),
        (error) => channel.postMessage({ id, error: toWire(error) } satisfies Reply),
      );
  });
}

/** Calls the other side. `fail` rejects every call that is still open, and all later ones. */
export interface Caller<C> {
  call<K extends keyof C & string>(
    call: K,
    argument: C[K] extends (argument: infer A) => unknown ? A : never,
    transfer?: readonly object[],
  ): Promise<C[K] extends (argument: never) => infer R ? Awaited<R> : never>;
  fail(error: Error): void;
}

export function createCaller<C>(channel: Channel): Caller<C> {
  const open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let next = 1;
  let failed: Error | undefined;
  (channel as Channel).on('message', (message) => {
    const reply = message as Reply;
    const waiting = open.get(reply.id);
    if (!waiting) return;
    open.delete(reply.id);
    if ('error' in reply) waiting.reject(fromWire(reply.error));
    else waiting.resolve(reply.value as never);
  });
  return {
    call: (call, argument, transfer = []) =>
      new Promise((resolve, reject) => {
        if (failed) return reject(failed);
        const id = next++;
        open.set(id, { resolve, reject });
        (channel as Channel).postMessage({ id, call, argument } satisfies Request, transfer);
      }),
    fail(error) {
      failed = error;
      for (const waiting of open.values()) waiting.reject(error);
      open.clear();
    },
  };
}

/** An error on its way to another thread: plain data that becomes an error of the same kind again. */
export interface WireError {
  readonly kind: 'varve' | 'store' | 'other';
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly location?: SourceLocation;
  readonly findings?: readonly Finding[];
  readonly key?: string;
  /** Of a lost artifact. */
  readonly digest?: Digest;
  readonly stack?: string;
  readonly cause?: WireError;
}

/** Never throws: an answer must go out, whatever a plugin or a flow has thrown. */
export function toWire(error: unknown, depth = 0): WireError {
  try {
    return readError(error, depth);
  } catch {
    return { kind: 'other', name: 'Error', message: 'something that cannot be read was thrown' };
  }
}

function readError(error: unknown, depth: number): WireError {
  if (!(error instanceof Error)) return { kind: 'other', name: 'Error', message: String(error) };
  const base = {
    name: String(error.name),
    message: String(error.message),
    ...(typeof error.stack === 'string' && { stack: error.stack }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: toWire(error.cause, depth + 1) }),
  };
  if (VarveError.is(error)) {
    return {
      kind: 'varve',
      ...base,
      code: error.code,
      findings: error.findings,
      ...(error.hint !== undefined && { hint: error.hint }),
      ...(error.location !== undefined && { location: error.location }),
      ...lostArtifact(error),
    };
  }
  if (StoreError.is(error))
    return { kind: 'store', ...base, code: error.code, ...(error.key !== undefined && { key: error.key }) };
  return { kind: 'other', ...base };
}

function lostArtifact(error: object): Pick<WireError, 'digest' | 'key'> {
  const { digest, key } = error as { readonly digest?: unknown; readonly key?: unknown };
  return isDigest(digest) ? { digest, key: String(key) } : {};
}

export function fromWire(wire: WireError): Error {
  const cause = wire.cause === undefined ? {} : { cause: fromWire(wire.cause) };
  const error = revive(wire, cause);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

function revive(wire: WireError, cause: ErrorOptions): Error {
  if (wire.kind === 'varve') {
    const { code = 'VARVE_UNEXPECTED', message, digest, key = '' } = wire;
    const options = {
      ...cause,
      findings: wire.findings ?? [],
      ...(wire.hint !== undefined && { hint: wire.hint }),
      ...(wire.location !== undefined && { location: wire.location }),
    };
    if (digest === undefined) return new VarveError(code, message, options);
    return new ArtifactError(code as ArtifactErrorCode, message, { ...options, digest, key });
  }
  if (wire.kind === 'store') {
    const key = wire.key === undefined ? {} : { key: wire.key };
    return new StoreError((wire.code ?? 'unexpected') as StoreErrorCode, wire.message, { ...cause, ...key });
  }
  const error = new Error(wire.message, cause);
  error.name = wire.name;
  return error;
}
