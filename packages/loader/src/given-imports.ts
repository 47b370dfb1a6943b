import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve, sep } from 'node:path';
import { type GivenSources, VarveError } from '@varve/core/contract';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { required } from './import-resolver.ts';
import { importKey, noteImport, type SourceCatalog } from './source-catalog.ts';

const KINDS: Readonly<Record<string, string>> = {
  'import-statement': 'import',
  'dynamic-import': 'dynamic-import',
  'require-call': 'require',
  'require-resolve': 'require',
};

/** Lets imports among given sources lead where they led when these were kept; all others are resolved as they are now. */
export function givenImports(entry: string, catalog: SourceCatalog, given: GivenSources): Plugin {
  const targets = new Map(
    given.imports.map(({ importer, kind, specifier, path }) => [importKey(importer, kind, specifier), path]),
  );
  return {
    name: 'varve-given-sources',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === 'entry-point') return { path: entry };
        const path = targets.get(importKey(args.importer, KINDS[args.kind] ?? '', args.path));
        if (path === undefined) return wasMissing(args, given) ? { path: args.path, external: true } : undefined;
        noteImport(catalog, importKey(args.importer, args.kind, args.path), {
          specifier: args.path,
          target: { type: 'module', path },
        });
        return extname(path) === '.node' ? addon(args, path, given) : { path };
      });
    },
  };
}

/** Inside `try`, or with a `catch`, a file may be missing: one that is there only now must stay so. */
function wasMissing({ importer, kind, path }: OnResolveArgs, { files }: GivenSources): boolean {
  if (kind === 'import-statement' || !files.has(importer) || !/^\.{1,2}\//.test(path)) return false;
  return !resolve(dirname(importer), path).split(sep).includes('node_modules');
}

/** Node loads an addon from its file alone: that must still be the one that was kept. */
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
 * Throws `VARVE_COMPILE` when an import of a given file led to one on disk: what was kept must not be mixed with what is there
 * now. Only what `import()` finds by a computed name is as it is now, and what that imports.
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
