import {
  type Digest,
  type Finding,
  type SourceLocation,
  StoreError,
  type StoreErrorCode,
  VarveError,
} from '../../contract/index.ts';
import { ArtifactError, type ArtifactErrorCode } from '../../store/artifacts/artifact-error.ts';
import { isDigest } from '../../store/objects/digest.ts';

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

/** Causes of causes are sent down to here: a circle among them must end. */
const CAUSES_MAX = 8;

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
