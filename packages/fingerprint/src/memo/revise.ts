import type { ModuleGraph, SourceModule } from '@varve/core/contract';
import { type LinkOptions, sourceTier } from '../link/fingerprint-step.ts';
import { projectPath } from '../link/modules.ts';
import { isCode, type Summaries } from '../summary/summaries.ts';
import type { Asked } from './asked.ts';
import { type Change, keepsLinks } from './changes.ts';
import type { Given } from './given.ts';
import type { Packed } from './pack.ts';
import { patch } from './patch.ts';

/** What was made of a flow, with all that it was made from. */
export interface Remembered {
  readonly given: Given;
  readonly asked: readonly Asked[];
  readonly packed: Packed;
}

/** What is remembered, brought to what is given now; nothing when that takes linking. */
export async function revise(
  known: Remembered,
  now: Omit<Remembered, 'packed'>,
  graph: ModuleGraph,
  options: LinkOptions,
  summaries: Summaries,
): Promise<Remembered | undefined> {
  const changed = graph.modules.flatMap((source, module) => {
    const before = known.given.files[module] ?? '';
    return source.digest === before ? [] : [{ source, module, before }];
  });
  if (changed.length === 0 && now.asked === known.asked) return known;
  const old = changed.map(({ source, before }) => summaries.known(before, source.loader));
  // Without what was known of a file it cannot be told what an edit changed.
  if (changed.some(({ source }, index) => isCode(source) && !old[index])) return undefined;
  const after = await summaries.of(changed.map(({ source }) => source));
  try {
    const files = changed.map(({ source, module }, index): Change => {
      return { source, module, file: projectPath(graph.root, source.path), summaries: pair(old[index], after, source) };
    });
    if (!keepsLinks(files)) return undefined;
    const assets = now.asked === known.asked ? undefined : options.assets;
    return { ...now, packed: patch(known.packed, { files, assets }, sourceTier(graph, options.overrides)) };
  } catch {
    // What cannot be told by what is remembered is found by linking.
    return undefined;
  }
}

type Pair = NonNullable<Change['summaries']>;

function pair(
  before: Pair['before'] | undefined,
  summaries: ReadonlyMap<string, Pair['after']>,
  { path }: SourceModule,
): Pair | undefined {
  const after = summaries.get(path);
  return before && after && { before, after };
}
