import { createHash } from 'node:crypto';
import type { Digest, ImportTarget, SourceModule } from '@varve/core/contract';

/** A local file as it was read, once, for this compilation. */
export type ReadSource = Pick<SourceModule, 'loader' | 'contents'>;

/** What the plugins of one build write down. */
export interface SourceCatalog {
  /** By absolute real path. */
  readonly sources: Map<string, ReadSource>;
  /** By `importKey`. */
  readonly imports: Map<string, ImportTarget>;
}

export function importKey(importer: string, kind: string, specifier: string): string {
  return JSON.stringify([importer, kind, specifier]);
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
