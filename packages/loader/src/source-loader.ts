import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import { bindOwnPlace, VIRTUAL, virtualSource } from './import-meta.ts';
import type { ReadSource, SourceCatalog } from './source-catalog.ts';
import { loaderOf } from './source-kind.ts';

/** Reads every local file once and notes its bytes; hands esbuild the same bytes. */
export function sourceLoader(catalog: SourceCatalog, decorate: boolean): Plugin {
  return {
    name: 'varve-sources',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: VIRTUAL }, ({ path }) => ({
        contents: virtualSource(path, (file) => pathToFileURL(file).href),
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        const source = await readSource(catalog, path);
        return source && { contents: decorate ? contentsFor(source, path) : source.contents, ...parsing(source, path) };
      });
    },
  };
}

/** `undefined` for a file that cannot be imported: esbuild then says so, with the line of the import. */
export async function readSource(catalog: SourceCatalog, path: string): Promise<ReadSource | undefined> {
  const known = catalog.sources.get(path);
  if (known) return known;
  const loader = loaderOf(path);
  if (loader === undefined) return undefined;
  const source = { loader, contents: await readFile(path) };
  // Two imports of one file at the same time must agree on its bytes.
  const first = catalog.sources.get(path) ?? source;
  catalog.sources.set(path, first);
  return first;
}

function contentsFor({ loader, contents }: ReadSource, path: string): string | Uint8Array {
  if (loader === 'json' || loader === 'text') return contents;
  return bindOwnPlace(Buffer.from(contents).toString('utf8'), path);
}

function parsing({ loader }: ReadSource, path: string): Pick<OnLoadResult, 'loader' | 'resolveDir'> {
  return { loader: loader satisfies Loader, resolveDir: folderThatExists(dirname(path)) };
}

/** Packages are looked for from here on upward; the folder of a file that is not on disk may not be there. */
function folderThatExists(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : folderThatExists(dirname(folder));
}
