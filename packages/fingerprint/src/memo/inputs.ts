import type { ModuleGraph, SourceModule } from '@varve/core/contract';
import { digestOf } from '../format.ts';

/** What fingerprints are made from, as far as it is known before a question is asked of the files outside. */
export interface Given {
  /** Digest of the module graph without the content of its files and where their imports lead. */
  readonly frame: string;
  /** Digest of where the imports lead. */
  readonly links: string;
  /** Digests of the files, in the order of the graph. */
  readonly files: readonly string[];
}

/** For each file where its imports lead. */
export type ImportLists = readonly SourceModule['imports'][];

/** Raised when what is kept of fingerprints takes another form, or was not made as it is now. */
const FORM = 'memo-4';

export function givenOf({ root, entry, emit, modules }: ModuleGraph): Given {
  const files = modules.map(({ path, loader }) => [path, loader]);
  return {
    frame: digestOf(JSON.stringify([FORM, root, entry, emit, files])),
    links: digestOf(JSON.stringify(importsOf({ modules }))),
    files: modules.map(({ digest }) => digest),
  };
}

export function importsOf({ modules }: Pick<ModuleGraph, 'modules'>): ImportLists {
  return modules.map(({ imports }) => imports);
}
