import { pathToFileURL } from 'node:url';
import type { OnResolveArgs, Plugin } from 'esbuild';
import { LISTENER } from '../import-meta.ts';
import type { SourceCatalog } from '../sources.ts';
import type { ImportedNames } from './imported-names.ts';

const NAMESPACE = 'varve-package';
/** An empty module of CommonJS: it makes esbuild look up every name where it is used, in an object that is filled later. */
const UNKNOWN = 'varve:unknown-names';

/**
 * Loads packages at their place among the local modules, instead of before all of them: through made-up modules that wait
 * for `import()`. A name stays the package's own variable.
 */
export function packageModules(names: ReadonlyMap<string, ImportedNames>, { imports }: SourceCatalog): Plugin {
  const urls = new Map<string, string>();
  for (const [key, found] of imports) {
    const [importer, kind] = JSON.parse(key) as [string, string];
    if (kind !== 'import-statement') continue;
    for (const { specifier, target } of found) {
      const url = target.type === 'package' ? pathToFileURL(target.file).href : '';
      if (names.has(url)) urls.set(JSON.stringify([importer, specifier]), url);
    }
  }
  return {
    name: 'varve-package-modules',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolveIn(args, urls));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: path === UNKNOWN ? 'module.exports = {};' : source(path, names.get(path)),
        loader: 'js',
      }));
    },
  };
}

function resolveIn({ importer, kind, namespace, path }: OnResolveArgs, urls: ReadonlyMap<string, string>) {
  if (namespace === NAMESPACE)
    return kind === 'dynamic-import' ? { path, external: true } : { path, namespace: NAMESPACE };
  const url = kind === 'import-statement' ? urls.get(JSON.stringify([importer, path])) : undefined;
  return url === undefined ? undefined : { path: url, namespace: NAMESPACE };
}

/** Getters for names that are known are written out, since engines see through these. */
function source(url: string, { names, isWhole }: ImportedNames = { names: [], isWhole: true }): string {
  const specifier = JSON.stringify(url);
  const known = names.map((name) => `get ${JSON.stringify(name)}() { return found[${JSON.stringify(name)}]; }`);
  return `import * as self from ${specifier};
export * from ${JSON.stringify(UNKNOWN)};
const load = () => import(${specifier});
const found = await (${LISTENER}?.laterPackage?.(load) ?? load());
const known = Object.getOwnPropertyDescriptors({ ${known.join(', ')} });
for (const name of Object.keys(known))
  if (!(name in found)) throw new SyntaxError('The requested module ' + ${specifier} + ' does not provide an export named ' + name);
for (const name of Object.keys(${isWhole ? 'found' : 'known'}))
  Object.defineProperty(self, name, known[name] ?? { get: () => found[name], enumerable: true });
${isWhole ? LIKE_A_NAMESPACE : ''}`;
}

const LIKE_A_NAMESPACE = `Object.setPrototypeOf(self, null);
Object.defineProperty(self, Symbol.toStringTag, { value: 'Module' });
`;
