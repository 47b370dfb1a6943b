import { createHash } from 'node:crypto';
import type { Digest, GivenSources, ImportTarget, SourceModule } from '@varve/core/contract';
import { loaderOf } from './source-kind.ts';

/** A local file as it was read, once, for this compilation. */
export type ReadSource = Pick<SourceModule, 'loader' | 'contents'>;

/** An import as it was resolved. */
export interface ResolvedImport {
  readonly specifier: string;
  readonly target: ImportTarget;
}

/** What the plugins of one build write down. */
export interface SourceCatalog {
  /** By absolute real path. */
  readonly sources: Map<string, ReadSource>;
  /** By `importKey` of what esbuild's metafile shows; two specifiers may lead to one external file. */
  readonly imports: Map<string, readonly ResolvedImport[]>;
}

/** Nothing yet, or the files that are compiled in the place of those on disk. */
export function emptyCatalog(given?: GivenSources): SourceCatalog {
  const sources = new Map<string, ReadSource>();
  for (const [path, contents] of given?.files ?? []) {
    const loader = loaderOf(path);
    if (loader !== undefined) sources.set(path, { loader, contents });
  }
  return { sources, imports: new Map() };
}

/** `shown` is the specifier as written or, for what stays outside the bundle, what it was replaced by. */
export function importKey(importer: string, kind: string, shown: string): string {
  return JSON.stringify([importer, kind, shown]);
}

/** Notes one import; the order in which esbuild asks is by chance, so equal ones are kept in order of their names. */
export function noteImport({ imports }: SourceCatalog, key: string, found: ResolvedImport): void {
  const others = (imports.get(key) ?? []).filter(({ specifier }) => specifier !== found.specifier);
  imports.set(
    key,
    [...others, found].sort((a, b) => (a.specifier < b.specifier ? -1 : 1)),
  );
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
