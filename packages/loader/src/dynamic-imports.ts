import { LISTENER } from './import-meta.ts';
import { originAt, type SourceMap } from './source-map.ts';

/** Takes the URL of a file, and what `import()` takes in it. */
export const IMPORT_NAME = '__varve_import';
/**
 * The first statement of a compiled module. It is reached when all packages have been evaluated, since imports come first,
 * and none of the user's modules.
 */
export const BODY_BEGINS = `${LISTENER}?.bodyBegins();`;

/**
 * Makes `import(expression)` resolve a relative specifier from the file it was written in, not from the compiled module.
 * Literal specifiers were resolved before, but for those that esbuild took from an `enum` or did not find. A lexer of JavaScript finds the calls in esbuild's output, so text in strings
 * and comments is never touched; the source map gives the file.
 */
export async function keepDynamicImports(code: string, map: SourceMap): Promise<string> {
  if (!/\bimport\s*\((?!\s*["'](file|node):)/.test(code)) return code;
  const { init, parse } = await import('es-module-lexer');
  await init;
  const [found] = parse(code);
  const computed = found.filter(({ d, n }) => d > -1 && !/^(file|node):/.test(n ?? ''));
  if (computed.length === 0) return code;
  let out = '';
  let end = 0;
  for (const { ss, d } of computed) {
    const origin = originAt(map, code, ss)?.source;
    if (origin === undefined || !origin.startsWith('file:')) continue;
    out += `${code.slice(end, ss)}${IMPORT_NAME}(${JSON.stringify(origin)}, `;
    end = d + 1;
  }
  return out + code.slice(end) + IMPORTS;
}

/** Adds the function that imports on behalf of a file, unless it is there. */
export function withImporting(code: string): string {
  return code.includes(IMPORTS) ? code : code + IMPORTS;
}

/** Stands at the end, where it moves no line; functions are hoisted. It never throws, as `import()` does not. */
const IMPORTS = `function ${IMPORT_NAME}(from, specifier, options) {
  try {
    const text = String(specifier);
    const target = /^\\.{0,2}\\//.test(text) ? new URL(text, from).href : text;
    const listener = ${LISTENER};
    const at = {};
    Error.captureStackTrace(at, ${IMPORT_NAME});
    const load = () => import(target, options).catch((error) => { throw ${IMPORT_NAME}_error(from, text, error, at); });
    return listener ? listener.imports(from, target, load) : load();
  } catch (error) {
    return Promise.reject(error);
  }
}
function ${IMPORT_NAME}_error(from, text, error, at) {
  const [, file] = /^Unknown file extension "\\.(?:[cm]?ts|[jt]sx)" for (.+)$/.exec(error?.message ?? '') ?? [];
  if (error?.code !== 'ERR_UNKNOWN_FILE_EXTENSION' || file === undefined || /[\\\\/]node_modules[\\\\/]/.test(file)) return error;
  const { basename, dirname, relative, sep } = process.getBuiltinModule('node:path');
  const importer = process.getBuiltinModule('node:url').fileURLToPath(from);
  const folder = relative(dirname(importer), dirname(file)).split(sep).join('/');
  const start = folder.startsWith('..') ? folder + '/' : folder === '' ? './' : './' + folder + '/';
  const message = "import('" + text + "') in " + basename(importer) + ' leads to ' + basename(file) + ', which is not compiled: its folder is not written out there. Write import(' + "'" + start + "' + name)";
  const stack = 'Error: ' + message + at.stack.replace(/^[^\\n]*/, '');
  return Object.assign(new Error(message, { cause: error }), { code: 'VARVE_IMPORT_NOT_COMPILED', stack });
}
`;

const LAZY = '__varve_lazy';
/** esbuild's functions that evaluate a module when it is first asked for: they come before all of the user's code. */
const LAZY_HELPERS = ['__esm', '__commonJS'].map(
  (name) => new RegExp(`^(var ${name} = \\((\\w+)[^)]*\\) => )(function \\w+\\(\\) \\{\\n[^]*?\\n\\});$`, 'm'),
);

/** Makes modules that are evaluated when they are first asked for tell the listener. Moves no line. */
export function tellLazyModules(code: string): string {
  let told = code;
  for (const helper of LAZY_HELPERS) told = told.replace(helper, `$1${LAZY}($3, $2);`);
  return told === code ? code : told + LAZY_PRELUDE;
}

/** esbuild names each module by its path, as the only name of an object. */
const LAZY_PRELUDE = `function ${LAZY}(init, named) {
  const listener = ${LISTENER};
  return listener?.lazy ? listener.lazy(init, Object.keys(named)[0]) : init;
}
`;
