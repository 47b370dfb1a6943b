import { createHash } from 'node:crypto';
import type { Digest } from '@varve/core/contract';

/** Version of everything that decides a hash: normal form, slots, numbering. Raise it when a golden hash changes. */
export const FP_VERSION = 'slice-6';

/** Stands for the framework's own code. Raised by hand when the meaning of a step changes. */
export const STEP_PROTOCOL = 'step-1';

/** True for specifiers and package names of the framework. */
export function isFramework(name: string): boolean {
  return /^(varve|@varve\/[^/]+)(\/|$)/.test(name);
}

/** SHA-256 as a digest string. */
export function digestOf(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Digest of a list of texts. Lengths go in too, so that different lists never hash the same input. */
export function digestOfParts(parts: readonly string[]): Digest {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return `sha256:${hash.digest('hex')}`;
}

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}
