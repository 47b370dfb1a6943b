import { dirname } from 'node:path';

/** The global key under which varve listens to a compiled module, in threads that observe it. */
export const LISTENER = "globalThis[Symbol.for('varve.load')]";
const META_NAME = '__varve_import_meta';
const FILENAME = '__varve_filename';
const DIRNAME = '__varve_dirname';
/** Names that esbuild replaces, as syntax only. */
export const BOUND_NAMES: Readonly<Record<string, string>> = {
  'import.meta': META_NAME,
  __filename: FILENAME,
  __dirname: DIRNAME,
};
/** Namespace of the modules that are made up: they are no files of the user. */
export const VIRTUAL = 'varve';
const META_PREFIX = 'varve:meta:';
const REQUIRE_PREFIX = 'varve:require:';

/**
 * Binds `import.meta`, `__filename` and `__dirname` to the place of the source file, in modules that mention them. The import
 * stands on the first line of code, after a hashbang, so no line moves; as the first import it is evaluated before the
 * others, so it is there even where imports form a cycle. A mention in a string or a comment costs an unused import and
 * changes nothing, since esbuild replaces syntax only.
 */
export function bindOwnPlace(source: string, file: string): string {
  const binding = metaBinding(source, file) + commonJsBinding(source, file);
  if (binding === '') return source;
  const [start = ''] = /^\uFEFF?(#!.*(\r?\n|$))?/.exec(source) ?? [];
  return start + binding + source.slice(start.length);
}

function metaBinding(source: string, file: string): string {
  if (!source.includes('import.meta') || isCommonJs(source, file)) return '';
  return `import { meta as ${META_NAME} } from ${JSON.stringify(META_PREFIX + file)};`;
}

/** A module that declares these names itself keeps its own: esbuild replaces them only where they are free. */
function commonJsBinding(source: string, file: string): string {
  if (!/__(file|dir)name\b/.test(source)) return '';
  return `const ${FILENAME} = ${JSON.stringify(file)}, ${DIRNAME} = ${JSON.stringify(dirname(file))};`;
}

/** An import would make a CommonJS module an ES module, and `import.meta` is an error in it anyway. */
export function isCommonJs(source: string, file: string): boolean {
  if (/\.c[jt]s$/.test(file)) return true;
  return /\b(module\.exports|exports\.\w)/.test(source) && !/^\s*(import|export)[\s{*'"]/m.test(source);
}

/** Names a made-up module that loads `path` with `require` on behalf of an importer. */
export function requireSpecifier(importerUrl: string, path: string): string {
  return REQUIRE_PREFIX + JSON.stringify([importerUrl, path]);
}

export function isVirtual(specifier: string): boolean {
  return specifier.startsWith(META_PREFIX) || specifier.startsWith(REQUIRE_PREFIX);
}

/** Writes the code of a made-up module. `process.getBuiltinModule` needs no import, so it also works in CommonJS. */
export function virtualSource(specifier: string, toUrl: (file: string) => string): string {
  if (specifier.startsWith(REQUIRE_PREFIX)) {
    const [importerUrl, path] = JSON.parse(specifier.slice(REQUIRE_PREFIX.length)) as [string, string];
    const require = `process.getBuiltinModule('node:module').createRequire(${JSON.stringify(importerUrl)})`;
    return `module.exports = ${require}(${JSON.stringify(path)});`;
  }
  const file = specifier.slice(META_PREFIX.length);
  return metaSource(toUrl(file));
}

function metaSource(url: string): string {
  return `const url = ${JSON.stringify(url)};
const { createRequire, isBuiltin } = process.getBuiltinModule('node:module');
const { dirname } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');
const filename = fileURLToPath(url);
function resolve(specifier) {
  if (/^(\\.{0,2}\\/|[a-z][a-z\\d+.-]*:)/i.test(specifier)) return new URL(specifier, url).href;
  if (isBuiltin(specifier)) return 'node:' + specifier;
  return pathToFileURL(createRequire(url).resolve(specifier)).href;
}
export const meta = Object.assign(Object.create(null), { dirname: dirname(filename), filename, resolve, url });
`;
}
