import { createHmac, randomBytes } from 'node:crypto';
import type { CallOptions, CodeFingerprint, Datastore } from '../contract/index.ts';
import {
  asFields,
  asRecord,
  asString,
  createOnce,
  decodeEnvelope,
  ENV_KEY,
  encodeEnvelope,
  readObject,
} from '../store/index.ts';
import { type Framed, framedDigest } from './framing.ts';
import type { Tokens } from './task-key.ts';

/**
 * Raised by hand when varve itself changes the behaviour of a step's code, or what it knows of a result, so that older
 * results are not used any more. 2: what a step reads outside of the run is observed.
 */
const STEP_PROTOCOL = '3';

/** Random bytes of the key with which values of environment variables are hashed. */
const KEY_BYTES = 32;

/** Codec of the components of a step's key. */
export const COMPONENTS_CODEC = 'step-key/1';

/** Dependencies of a step's results besides its reads, one by one, so that a change can be explained. */
export interface StepComponents {
  readonly step: string;
  /** Covers `pieces`, `packages`, `assets` and `compiler`. */
  readonly code: string;
  readonly pieces: Readonly<Record<string, string>>;
  /** Compiler options that change what the code does, by name. */
  readonly compiler?: Readonly<Record<string, string>>;
  /** `zod@4.1.0` -> digest. */
  readonly packages: Readonly<Record<string, string>>;
  /** By file; `null` for one that is missing. */
  readonly assets: Readonly<Record<string, string | null>>;
  /** What the flow's modules read outside of the run while they were loaded: tokens, by read as `formatRead` writes it. */
  readonly load: Readonly<Record<string, string>>;
  /** `protocol`, `node`, `platform`, `serializer`, `hasher`, `classes`: only those that matter to the step. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Options of the step that change its result, by path. */
  readonly options: Readonly<Record<string, string>>;
  /** Range in which results are shared: the store, one flow, or one run. */
  readonly scope: string;
}

/** Facts about the machine of a run. */
export interface Surroundings {
  /** Major version. */
  readonly node: string;
  /** Version of the hash format of code. */
  readonly fingerprinter: string;
  /** Operating system, CPU and binary interface, e.g. `linux-x64-115`. */
  readonly platform: string;
  readonly serializer: string;
  readonly hasher: string;
  /** Digest of the code that registered classes with the serializer; absent when none are. */
  readonly classes?: string;
  /** What the flow's modules read outside of the run while they were loaded. */
  readonly load: Tokens;
}

/** Collects the components of a step's key. */
export function componentsOf(
  fingerprint: CodeFingerprint,
  options: Readonly<Record<string, unknown>>,
  scope: string,
  around: Surroundings,
): StepComponents {
  const { node, serializer, hasher, classes } = around;
  return {
    step: fingerprint.step,
    code: fingerprint.code,
    pieces: piecesOf(fingerprint),
    ...(fingerprint.compiler && { compiler: fingerprint.compiler }),
    packages: Object.fromEntries(fingerprint.packages.map((p) => [`${p.name}@${p.version}`, p.digest])),
    assets: Object.fromEntries(fingerprint.assets.map((a) => [a.file, a.digest])),
    load: Object.fromEntries([...around.load].sort(([a], [b]) => (a < b ? -1 : 1))),
    runtime: {
      protocol: STEP_PROTOCOL,
      node,
      fingerprinter: around.fingerprinter,
      serializer,
      hasher,
      ...(classes !== undefined && { classes }),
      ...(fingerprint.native && { platform: around.platform }),
    },
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, JSON.stringify(value) ?? ''])),
    scope,
  };
}

/** The key of a step's results, in hex. Labels of pieces, e.g. the names of files, are not part of it: `code` is. */
export function stepKey(components: StepComponents): string {
  const { step, code, load, runtime, options, scope } = components;
  return framedDigest('step-key/1', {
    step,
    code,
    load,
    runtime,
    options,
    scope,
  } satisfies Framed);
}

/**
 * Pieces of the user's own code. Several pieces of one label, e.g. overloaded members, count as one. Nodes of packages and
 * assets are left out: `packages` and `assets` cover them.
 */
function piecesOf({ nodes, packages, assets }: CodeFingerprint): Record<string, string> {
  const pieces = new Map<string, string>();
  const files = new Set(assets.map(({ file }) => file));
  const isPackage = (label: string) =>
    packages.some(({ name }) => label === name || label.startsWith(`${name}#`) || label.startsWith(`${name}/`));
  for (const { label, own } of nodes) {
    if (files.has(label) || isPackage(label)) continue;
    const known = pieces.get(label);
    pieces.set(label, known === undefined ? own : framedDigest('pieces/1', [known, own]));
  }
  return Object.fromEntries(pieces);
}

/**
 * The key with which values of environment variables are hashed, so that they cannot be guessed from a cache key without
 * access to the store. The first process creates it; all that share the store share it. One that may not gets a key of its
 * own: nothing can have been hashed before. Hex.
 */
export async function readEnvKey(store: Datastore, mayCreate = true, options: CallOptions = {}): Promise<string> {
  for (;;) {
    const bytes = await readObject(store, ENV_KEY, options);
    if (bytes) return asString(asFields(decodeEnvelope('secret', bytes, ENV_KEY), '').key, '.key');
    if (!mayCreate) return randomBytes(KEY_BYTES).toString('hex');
    const key = randomBytes(KEY_BYTES).toString('hex');
    if (await createOnce(store, ENV_KEY, [encodeEnvelope('secret', { key })], options)) return key;
  }
}

/** A hash of a token that can be compared but not reversed. `key`: of `readEnvKey`; `read`: what has the token. */
export function hideToken(key: string, read: string, token: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`${read}\n${token}`).digest('hex').slice(0, 32);
}

/** Checks stored components of a step's key. Throws `ShapeError`. */
export function readComponents(value: unknown): StepComponents {
  const fields = asFields(value, '');
  return {
    step: asString(fields.step, '.step'),
    code: asString(fields.code, '.code'),
    pieces: asRecord(fields.pieces, '.pieces', asString),
    ...(fields.compiler !== undefined && { compiler: asRecord(fields.compiler, '.compiler', asString) }),
    packages: asRecord(fields.packages, '.packages', asString),
    assets: asRecord(fields.assets, '.assets', asStringOrNull),
    load: asRecord(fields.load ?? {}, '.load', asString),
    runtime: asRecord(fields.runtime, '.runtime', asString),
    options: asRecord(fields.options, '.options', asString),
    scope: asString(fields.scope, '.scope'),
  };
}

function asStringOrNull(value: unknown, path: string): string | null {
  return value === null ? null : asString(value, path);
}
