import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve, sep } from 'node:path';
import { type GivenSources, VarveError } from '@varve/core/contract';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { required } from './import-resolver.ts';
import { addImport, IMPORT_KINDS, importKey, type SourceCatalog } from './sources.ts';

/** Resolves imports among given sources as they resolved when these were kept. All other imports resolve as on disk. */
export function givenImports(entry: string, catalog: SourceCatalog, given: GivenSources): Plugin {
  const targets = new Map(
    given.imports.map(({ importer, kind, specifier, path }) => [importKey(importer, kind, specifier), path]),
  );
  return {
    name: 'varve-given-sources',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === 'entry-point') return { path: entry };
        const path = targets.get(importKey(args.importer, IMPORT_KINDS[args.kind] ?? '', args.path));
        if (path === undefined) return wasMissing(args, given) ? { path: args.path, external: true } : undefined;
        addImport(catalog, importKey(args.importer, args.kind, args.path), {
          specifier: args.path,
          target: { type: 'module', path },
        });
        return extname(path) === '.node' ? addon(args, path, given) : { path };
      });
    },
  };
}

/** Keeps a file missing that was missing when the sources were kept: inside `try`, or with a `catch`, that is no error. */
function wasMissing({ importer, kind, path }: OnResolveArgs, { files }: GivenSources): boolean {
  if (kind === 'import-statement' || !files.has(importer) || !/^\.{1,2}\//.test(path)) return false;
  return !resolve(dirname(importer), path).split(sep).includes('node_modules');
}

/** Accepts an addon only if its file still holds the kept bytes: Node loads addons from files alone. */
async function addon(args: OnResolveArgs, path: string, { files }: GivenSources): Promise<OnResolveResult> {
  const now = await readFile(path).catch(() => undefined);
  if (now && files.get(path) && Buffer.compare(now, files.get(path) as Uint8Array) === 0) return required(args, path);
  return {
    errors: [
      { text: `${path} is ${now ? 'another addon' : 'not there'} now, and an addon cannot be loaded from memory` },
    ],
  };
}

/**
 * Throws `VARVE_COMPILE` when an import of a given file led to one on disk, since kept and present code must not be mixed.
 * Exempt are modules that `import()` finds by a computed name, and the modules that those import.
 */
export function refuseOthers({ sources, imports }: SourceCatalog, { files }: GivenSources): void {
  const findings = [...imports].flatMap(([key, found]) => {
    const [importer] = JSON.parse(key) as [string];
    if (!files.has(importer)) return [];
    return found.flatMap(({ target }) => {
      if (target.type !== 'module' || files.has(target.path) || !sources.has(target.path)) return [];
      const message = `${importer} leads to ${target.path}, which is not among the given sources`;
      return [{ code: 'VARVE_COMPILE', message }];
    });
  });
  if (findings.length === 0) return;
  throw new VarveError('VARVE_COMPILE', 'the given sources do not stand for themselves', {
    findings,
    hint: 'A package they import is now a local folder: install it as it was.',
  });
}
