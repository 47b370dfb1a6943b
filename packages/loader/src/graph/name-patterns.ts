import { readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleImport } from '@varve/core/contract';
import { IMPORT_NAME, withImporting } from '../dynamic-imports.ts';
import { LISTENER } from '../import-meta.ts';
import { digestOf, type SourceCatalog } from '../sources.ts';
import { decidingFiles } from './deciding-files.ts';

const NAME = '__varve_loads';
/** Does what Node does with a name for which nothing was compiled. */
const OTHER = '__varve_loads_other';
/** esbuild renames what the helper calls its values where the user's code has such names, too. */
const HELPER = /var __glob = \((\w+)\) => \((\w+)\) => \{\n {2}(?=var \w+ = \1\[\2\];)/;
/** A string or comment that names a pattern and the file it stands in, and the start of the table of what it finds. */
const TABLE =
  /(?:\/\/ |^ +(["'`]))(import|require)\(.*\) in (.+?)(?:\1\(\) \{)?\n\s*(?:var )?\w+ = (__glob\()\{((?:\n +.*)*?)\n? *\}\);/gm;
const KEY = /^\s+((["']).*?\2): \(\) => /;

/** One `import('./parts/' + name)` or `require` of that form, for which esbuild compiles all files that it could mean. */
interface Pattern {
  readonly kind: 'import' | 'require';
  /** Absolute. */
  readonly importer: string;
  /** Real paths by the names that find them. */
  readonly files: ReadonlyMap<string, string>;
}

export interface PatternSources {
  /** Folder that paths in esbuild's output are relative to. */
  readonly root: string;
  /** Folder of the project. */
  readonly project: string;
  readonly catalog: SourceCatalog;
  readonly importsOf: (path: string) => readonly ModuleImport[];
}

/**
 * Makes the tables that esbuild writes for computed names tell which file is loaded, with all that comes with it. No line
 * moves. Throws when there is a table that cannot be read.
 */
export function tellPatterns(code: string, sources: PatternSources): string {
  if (!code.includes('__glob(')) return code;
  const patterns: Pattern[] = [];
  const told = code.replace(
    TABLE,
    (text, quote: string | undefined, kind, file: string, call: string, table: string) => {
      const importer = resolve(sources.root, quote === undefined ? file : textOf(`${quote}${file}${quote}`));
      patterns.push(patternOf(kind, importer, table));
      const start = text.indexOf(call) + call.length;
      return `${text.slice(0, start)}${patterns.length - 1}, ${text.slice(start)}`;
    },
  );
  const tables = code.split('= __glob({').length - 1;
  if (tables === 0) return code;
  if (tables !== patterns.length || !HELPER.test(told)) throw otherForm();
  const data = JSON.stringify(JSON.stringify(dataOf(patterns, sources)));
  const helper = `var __glob = (at, $1) => ($2) => {\n  if (!${NAME}(at, $2)) return ${OTHER}(at, $2, $1); `;
  return withImporting(told.replace(HELPER, helper) + prelude(data));
}

function patternOf(kind: Pattern['kind'], importer: string, table: string): Pattern {
  const lines = table.split('\n').filter((line) => line.trim() !== '');
  const names = lines.map((line) => textOf(KEY.exec(line)?.[1] ?? ''));
  return { kind, importer, files: new Map(names.map((name) => [name, realPath(resolve(dirname(importer), name))])) };
}

/** Reads a literal of a string. */
function textOf(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal === '' || literal.startsWith('`')) throw otherForm();
  return JSON.parse(literal.startsWith('"') ? literal : `"${inner.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);
}

function otherForm(): Error {
  return new Error('esbuild writes computed imports in another way');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Files and packages by number, since many come with more than one name. */
function dataOf(patterns: readonly Pattern[], sources: PatternSources) {
  const { catalog } = sources;
  const compiled = patterns.map(({ kind, importer, files }) => ({
    ...{ kind, importer },
    files: new Map([...files].filter(([, path]) => catalog.sources.has(path))),
  }));
  const files = new Map<string, number>();
  const packages = new Map<string, number>();
  const number = (known: Map<string, number>, key: string) => {
    if (!known.has(key)) known.set(key, known.size);
    return known.get(key);
  };
  const deciding = new Map<string, readonly string[]>();
  const decidingOf = (path: string) => {
    const known = deciding.get(path) ?? decidingFiles(path, sources.importsOf(path), sources.project);
    deciding.set(path, known);
    return known;
  };
  const found = (path: string) => {
    const all = withImports(path, compiled, sources.importsOf);
    const counting = new Set([...all.files, ...all.files.flatMap(decidingOf)]);
    return [
      [...counting].map((file) => number(files, file)),
      all.packages.map((entry) => number(packages, JSON.stringify(entry))),
    ];
  };
  const tables = compiled.map((pattern) => ({
    ...{ kind: pattern.kind, from: pattern.importer, url: pathToFileURL(pattern.importer).href },
    names: Object.fromEntries([...pattern.files].map(([name, path]) => [name, found(path)])),
  }));
  return {
    tables,
    files: [...files.keys()].map((path) => [path, digestAt(path, catalog)]),
    packages: [...packages.keys()].map((entry) => JSON.parse(entry) as string[]),
  };
}

/** SHA-256, hex, of what was compiled; `-` where no file is. */
function digestAt(path: string, { sources }: SourceCatalog): string {
  try {
    return digestOf(sources.get(path)?.contents ?? readFileSync(path)).replace(/^.*:/, '');
  } catch {
    return '-';
  }
}

/** A file with all that it imports. What it may load by a computed name of its own counts whole. */
function withImports(entry: string, patterns: readonly Pattern[], importsOf: PatternSources['importsOf']) {
  const files = new Set([entry]);
  const packages: [file: string, importer: string][] = [];
  for (const path of files) {
    for (const { target } of importsOf(path)) {
      if (target.type === 'module') files.add(target.path);
      else if (target.type === 'package') packages.push([target.file, path]);
    }
    for (const pattern of patterns)
      if (pattern.importer === path) for (const file of pattern.files.values()) files.add(file);
  }
  return { files: [...files], packages };
}

/**
 * Stands at the end, where it moves no line; functions are hoisted. A name with a query is a module of its own, which Node
 * evaluates; TypeScript is the compiled one in every version of Node, since Node reads only a part of it.
 */
const prelude = (data: string) => `function ${NAME}(at, path) {
  const { tables, files, packages } = (${NAME}.known ??= JSON.parse(${data}));
  const { from, names } = tables[at];
  const name = String(path);
  if (!Object.hasOwn(names, name)) return false;
  const [its, others] = names[name];
  ${LISTENER}?.bundled?.(from, name, { files: its.map((i) => files[i]), packages: others.map((i) => packages[i]) });
  return true;
}
function ${OTHER}(at, path, map) {
  const { kind, from, url } = ${NAME}.known.tables[at];
  if (kind === 'require') return process.getBuiltinModule('node:module').createRequire(from)(path);
  const plain = /^(.*\\.(?:[cm]?ts|[jt]sx))[?#]/.exec(path)?.[1];
  if (plain !== undefined && ${NAME}(at, plain)) return map[plain]();
  return ${IMPORT_NAME}(url, path);
}
`;
