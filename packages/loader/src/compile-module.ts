import { parse } from 'node:path';
import { type Compilation, type GivenSources, givenConditions } from '@varve/core/contract';
import type { BuildOptions, BuildResult } from 'esbuild';
import { assignedConstant, toCompileError } from './compile-error.ts';
import { optionsByFolder, readCompilerOptions } from './compiler-options.ts';
import { BODY_BEGINS, keepDynamicImports, tellLazyModules } from './dynamic-imports.ts';
import { findEntry } from './entry-file.ts';
import { loadEsbuild } from './esbuild.ts';
import { givenImports, refuseOthers } from './given-imports.ts';
import type { KnownDeclared } from './graph/known-declared.ts';
import { buildGraph, importsOfInputs, projectRoot } from './graph/module-graph.ts';
import { tellPatterns } from './graph/name-patterns.ts';
import { BOUND_NAMES } from './import-meta.ts';
import { importResolver } from './import-resolver.ts';
import { keepRequires } from './keep-requires.ts';
import { createPackageIndex } from './package-index.ts';
import { absoluteMap, inlineMap } from './source-map.ts';
import { createCatalog, digestOf, type SourceCatalog, sourceLoader } from './sources.ts';

/** Compiles one file and the local modules it reaches. Errors as in `createLoader`. */
export async function compileModule(
  path: string,
  given: GivenSources | undefined,
  declared: KnownDeclared,
): Promise<Compilation> {
  const entry = given ? path : await findEntry(path);
  const emit = given ? given.emit : readCompilerOptions(entry);
  const catalog = createCatalog(given);
  const { metafile, outputFiles } = await bundle(entry, catalog, given, declared);
  declared.keep();
  if (given) refuseOthers(catalog, given);
  const [map, script] = outputFiles;
  if (!map || !script) throw new Error(`esbuild gave no output for ${entry}`);
  const { root } = parse(entry);
  const sourceMap = absoluteMap(map.text, root, catalog.sources);
  const mistake = await assignedConstant(script.text, sourceMap, (code) =>
    loadEsbuild().transform(code, { format: 'esm', logLevel: 'silent' }),
  );
  if (mistake) throw mistake;
  const importsOf = importsOfInputs(metafile, root, catalog);
  const patterns = { root, project: projectRoot(entry), catalog, importsOf };
  const told = tellPatterns(await keepDynamicImports(keepRequires(script.text, sourceMap), sourceMap), patterns);
  const code = inlineMap(tellLazyModules(told), sourceMap);
  const emitOf = given ? () => emit : optionsByFolder();
  return { code, digest: digestOf(Buffer.from(code)), graph: buildGraph({ entry, importsOf, catalog, emit, emitOf }) };
}

type Bundle = BuildResult<{ metafile: true; write: false }>;

async function bundle(
  entry: string,
  catalog: SourceCatalog,
  given: GivenSources | undefined,
  declared: KnownDeclared,
): Promise<Bundle> {
  try {
    return await loadEsbuild().build(optionsFor(entry, catalog, given, declared));
  } catch (error) {
    const packages = createPackageIndex();
    throw toCompileError(entry, await errorAsWritten(entry, given, error), packages);
  }
}

/** Builds again without the bindings of `import.meta`, so that columns in the user's first line are right, too. */
async function errorAsWritten(entry: string, given: GivenSources | undefined, first: unknown): Promise<unknown> {
  try {
    await loadEsbuild().build(optionsFor(entry, createCatalog(given), given));
    return first;
  } catch (error) {
    return error;
  }
}

function optionsFor(entry: string, catalog: SourceCatalog, given: GivenSources | undefined, declared?: KnownDeclared) {
  const { root } = parse(entry);
  return {
    entryPoints: [entry],
    // The root, so that the output does not depend on the current folder.
    absWorkingDir: root,
    outdir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As Node does; esbuild would also take `module`, which Node never loads.
    mainFields: ['main'],
    conditions: [
      'node-addons',
      ...(process.features.require_module ? ['module-sync'] : []),
      ...givenConditions(process),
    ],
    // Node ignores `sideEffects: false` and purity comments, too.
    ignoreAnnotations: true,
    keepNames: true,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    banner: { js: BODY_BEGINS },
    logLevel: 'silent',
    logLimit: 0,
    define: BOUND_NAMES,
    ...(given && { tsconfigRaw: { compilerOptions: given.emit } }),
    plugins: [
      ...(given ? [givenImports(entry, catalog, given)] : []),
      importResolver(catalog),
      sourceLoader(catalog, declared),
    ],
  } satisfies BuildOptions;
}
