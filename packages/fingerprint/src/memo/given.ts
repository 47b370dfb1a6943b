import type { ModuleGraph } from '@varve/core/contract';
import { digestOf } from '../format.ts';

/** What fingerprints are made from, as far as it is known before a question is asked of the files outside. */
export interface Given {
  /** Digest of the module graph without the content of its files. */
  readonly frame: string;
  /** Digests of the files, in the order of the graph. */
  readonly files: readonly string[];
}

/** Raised when what is kept of fingerprints takes another form. */
const FORM = 'memo-2';

export function givenOf({ root, entry, emit, modules }: ModuleGraph): Given {
  const links = modules.map(({ path, loader, imports }) => [path, loader, imports]);
  return {
    frame: digestOf(JSON.stringify([FORM, root, entry, emit, links])),
    files: modules.map(({ digest }) => digest),
  };
}
