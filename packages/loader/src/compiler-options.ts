import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { VarveError } from '@varve/core/contract';
import { getTsconfig } from 'get-tsconfig';

/** Options that change the behaviour of compiled code; all others change types or places only. */
const EMIT_OPTIONS = [
  'target',
  'useDefineForClassFields',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'verbatimModuleSyntax',
] as const;

/** esbuild takes the second where the first is missing. */
const CONFIGS = ['tsconfig.json', 'jsconfig.json'];

/** Reads those options from the nearest `tsconfig.json` or `jsconfig.json` upward, following `extends`. */
export function readCompilerOptions(file: string): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = { ...read(file) };
  return Object.fromEntries(
    EMIT_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

/** Reads the options of many files, those of each folder once. */
export function optionsByFolder(): (file: string) => Readonly<Record<string, unknown>> {
  const known = new Map<string, Readonly<Record<string, unknown>>>();
  return (file) => {
    const folder = dirname(file);
    const options = known.get(folder) ?? readCompilerOptions(file);
    known.set(folder, options);
    return options;
  };
}

/**
 * Lists the files that these options come from: those of the folders upward to `project` or the first that has one, which may
 * be missing, and what that one extends. Absolute.
 */
export function configsFor(file: string, project: string): readonly string[] {
  const nearest = nearestConfig(dirname(file));
  const found: string[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    found.push(...CONFIGS.map((name) => join(folder, name)));
    if (folder === project || folder === dirname(folder) || (nearest && folder === dirname(nearest))) break;
  }
  return nearest === undefined ? found : [...found, ...extendedBy(nearest)];
}

/** The cache of the reader names every file that it has read. */
function extendedBy(path: string): readonly string[] {
  const cache = new Map<string, unknown>();
  try {
    getTsconfig(dirname(path), basename(path), cache);
  } catch {
    // What cannot be read was reported before, where it matters.
  }
  return [...cache.keys()].flatMap((key) => /^readFileSync:(.*):utf8$/.exec(key)?.[1] ?? []);
}

function read(file: string) {
  const path = nearestConfig(dirname(file));
  if (path === undefined) return undefined;
  const name = basename(path);
  try {
    return getTsconfig(dirname(path), name)?.config.compilerOptions;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VarveError('VARVE_COMPILE', `the ${name} that applies to ${file} cannot be read: ${reason}`, {
      cause,
      hint: `Mend it, or put one of its own beside the file: ${join(dirname(file), 'tsconfig.json')}`,
    });
  }
}

function nearestConfig(folder: string): string | undefined {
  const found = CONFIGS.map((name) => join(folder, name)).find((path) => existsSync(path));
  return found ?? (folder === dirname(folder) ? undefined : nearestConfig(dirname(folder)));
}
