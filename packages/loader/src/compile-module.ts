import { parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Compilation, type GivenSources, givenConditions } from '@varve/core/contract';
import type { BuildOptions, BuildResult, Plugin } from 'esbuild';
import { assignedConstant, toCompileError } from './compile-error.ts';
import { optionsByFolder, readCompilerOptions } from './compiler-options.ts';
import { BODY_BEGINS, keepDynamicImports, tellLazyModules } from './dynamic-imports.ts';
import { findEntry } from './entry-file.ts';
import { loadEsbuild } from './esbuild.ts';
import { givenImports, refuseOthers } from './given-imports.ts';
import type { KnownDeclared } from './graph/known-declared.ts';
import { buildGraph, evaluationOrder, importsOfInputs, projectRoot } from './graph/module-graph.ts';
import { tellPatterns } from './graph/name-patterns.ts';
import { BOUND_NAMES } from './import-meta.ts';
import { importResolver } from './import-resolver.ts';
import { keepRequires } from './keep-requires.ts';
import { importedNames } from './order/imported-names.ts';
import { laterPackages, type OrderedModules } from './order/later-packages.ts';
import { packageModules } from './order/package-modules.ts';
import { createPackageIndex } from './package-index.ts';
import { absoluteMap, inlineMap } from './source-map.ts';
import { actsWhenEvaluated, createCatalog, digestOf, type SourceCatalog, sourceLoader } from './sources.ts';

/** Compiles one file and the local modules it reaches. Errors as in `createLoader`. */
export async function compileModule(
  path: string,
  given: GivenSources | undefined,
  declared: KnownDeclared,
): Promise<Compilation> {
  const entry = given ? path : await findEntry(path);
  const emit = given ? given.emit : readCompilerOptions(entry);
  const catalog = createCatalog(given);
  const sources: Sources = { entry, catalog, given, declared };
  const hoisted = await bundle(sources);
  if (given) refuseOthers(catalog, given);
  const { root } = parse(entry);
  const importsOf = importsOfInputs(hoisted.metafile, root, catalog);
  const later = await packagesInOrder(sources, hoisted, importsOf);
  declared.keep();
  const [map, script] = (later ? await bundle(sources, later) : hoisted).outputFiles;
  if (!map || !script) throw new Error(`esbuild gave no output for ${entry}`);
  const sourceMap = absoluteMap(map.text, root, catalog.sources);
  const mistake = await assignedConstant(script.text, sourceMap, (code) =>
    loadEsbuild().transform(code, { format: 'esm', logLevel: 'silent' }),
  );
  if (mistake) throw mistake;
  const patterns = { root, project: projectRoot(entry), catalog, importsOf };
  const told = tellPatterns(await keepDynamicImports(keepRequires(script.text, sourceMap), sourceMap), patterns);
  const code = inlineMap(tellLazyModules(told), sourceMap);
  const emitOf = given ? () => emit : optionsByFolder();
  return { code, digest: digestOf(Buffer.from(code)), graph: buildGraph({ entry, importsOf, catalog, emit, emitOf }) };
}

type Bundle = BuildResult<{ metafile: true; write: false }>;

interface Sources {
  readonly entry: string;
  readonly catalog: SourceCatalog;
  readonly given: GivenSources | undefined;
  readonly declared?: KnownDeclared;
}

async function bundle(sources: Sources, later?: Plugin): Promise<Bundle> {
  try {
    return await loadEsbuild().build(optionsFor(sources, later));
  } catch (error) {
    const packages = createPackageIndex();
    throw toCompileError(sources.entry, await errorAsWritten(sources, error), packages);
  }
}

/** Builds again without the bindings of `import.meta`, so that columns in the user's first line are right, too. */
async function errorAsWritten({ entry, given }: Sources, first: unknown): Promise<unknown> {
  try {
    await loadEsbuild().build(optionsFor({ entry, catalog: createCatalog(given), given }));
    return first;
  } catch (error) {
    return error;
  }
}

/** Gives what keeps packages in their place that Node evaluates after local modules; `undefined` where there are none. */
async function packagesInOrder(
  { entry, catalog, declared }: Sources,
  { outputFiles }: Bundle,
  importsOf: OrderedModules['importsOf'],
): Promise<Plugin | undefined> {
  const acting = new Set<string>();
  for (const path of evaluationOrder(entry, importsOf))
    if (await actsWhenEvaluated(path, catalog, declared)) acting.add(path);
  const later = laterPackages({ entry, importsOf, acts: (path) => acting.has(path) });
  if (later.size === 0) return undefined;
  const urls = new Set([...later].map((path) => pathToFileURL(path).href));
  const names = await importedNames(outputFiles[1]?.text ?? '', urls);
  return names.size === 0 ? undefined : packageModules(names, catalog);
}

function optionsFor({ entry, catalog, given, declared }: Sources, later?: Plugin) {
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
      ...(later ? [later] : []),
      ...(given ? [givenImports(entry, catalog, given)] : []),
      importResolver(catalog),
      sourceLoader(catalog, declared),
    ],
  } satisfies BuildOptions;
}
