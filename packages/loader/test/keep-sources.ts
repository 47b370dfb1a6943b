import type { GivenSources } from '@varve/core/contract';
import { createLoader } from '../src/esbuild-loader.ts';
import type { TempProject } from './temp-project.ts';

/** Reads the sources of a flow as a run would keep them. */
export async function keep(project: TempProject): Promise<GivenSources & { readonly code: string }> {
  const { graph, code } = await createLoader().compile(project.path('main.ts'));
  const imports = graph.modules.flatMap(({ path: importer, imports }) =>
    imports.flatMap(({ kind, specifier, target }) =>
      target.type === 'module' ? [{ importer, kind, specifier, path: target.path }] : [],
    ),
  );
  return { files: new Map(graph.modules.map((m) => [m.path, m.contents])), imports, emit: graph.emit, code };
}
