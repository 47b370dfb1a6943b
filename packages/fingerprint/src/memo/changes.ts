import type { ModuleGraph, SourceModule } from '@varve/core/contract';
import { projectPath } from '../link/modules.ts';
import { linesOf, outlineOf } from '../summary/parts.ts';
import { isCode, type Summaries } from '../summary/summaries.ts';
import type { FileSummary } from '../summary/summary.ts';
import type { Given } from './inputs.ts';

/** A file of the module graph that is not what it was. */
export interface Change {
  /** Position in the graph. */
  readonly module: number;
  readonly source: SourceModule;
  /** Relative to the project. */
  readonly file: string;
  /** Nothing for files that are not code. */
  readonly summaries: { readonly before: FileSummary; readonly after: FileSummary } | undefined;
}

/** The files that changed; nothing where it is not known any more what one was. */
export async function changesSince(
  { files }: Given,
  { root, modules }: ModuleGraph,
  summaries: Summaries,
): Promise<readonly Change[] | undefined> {
  const changed = modules.flatMap((source, module) => {
    const digest = files[module] ?? '';
    if (source.digest === digest) return [];
    return [{ source, module, before: isCode(source) ? summaries.known(digest, source.loader) : undefined }];
  });
  if (changed.some(({ source, before }) => isCode(source) && !before)) return undefined;
  const now = await summaries.of(changed.map(({ source }) => source));
  return changed.map(({ source, module, before }): Change => {
    const after = now.get(source.path);
    const file = projectPath(root, source.path);
    return { module, source, file, summaries: before && after && { before, after } };
  });
}

/**
 * Whether all links are what they were: every file has the same pieces with the same names, references and uses, so
 * that every step reaches what it reached before.
 */
export function keepsLinks(files: readonly Change[]): boolean {
  return files.every(({ summaries }) => {
    return !summaries || outlineOf(summaries.before) === outlineOf(summaries.after);
  });
}

/** Where each line of a file that findings may name is now. */
export type Lines = ReadonlyMap<number, number>;

/** Throws where two lines became one, or one became two: then findings may be other ones. */
export function linesMoved({ before, after }: NonNullable<Change['summaries']>): Lines {
  const [old, now] = [linesOf(before), linesOf(after)];
  const moved = new Map<number, number>();
  const taken = new Map<number, number>();
  old.forEach((from, index) => {
    const to = now[index];
    if (to === undefined || (moved.get(from) ?? to) !== to || (taken.get(to) ?? from) !== from) {
      throw new Error(`line ${from} is not one line now`);
    }
    moved.set(from, to);
    taken.set(to, from);
  });
  return moved;
}
