import Module from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { flagValues, givenConditions, type Started } from '@varve/core/contract';
import { readLoaded, requiredFiles, ScannedFiles, tokensOf } from '../observe/load/index.ts';
import type { ObserveOptions } from '../observe/options.ts';
import { digestOf } from '../observe/shared/tokens.ts';

/** Flags of Node that load a module before all others. */
const FLAGS = /^(?:-r|--require|--import|--loader|--experimental-loader)(?:=(.*))?$/s;

/** Names of the modules that a process loads before all others, as they were given. */
export function preloadsOf(started: Started): readonly string[] {
  return flagValues(started, FLAGS);
}

/** Conditions that Node was given decide which files of packages code loads, whenever it does. */
function conditionTokens(): Readonly<Record<string, string>> {
  const given = givenConditions(process);
  return given.length === 0 ? {} : { '@os conditions': digestOf(given.join('\n')) };
}

/** What belongs to every step because Node loaded it before all else, and why nobody may use the results, if that is so. */
export async function readPreloaded({ root, own }: ObserveOptions): Promise<{
  readonly tokens: Readonly<Record<string, string>>;
  readonly unrecorded?: string;
}> {
  const names = preloadsOf(process);
  if (names.length === 0) return { tokens: conditionTokens() };
  const from = `${process.cwd()}${sep}x.js`;
  const texts = names.filter((name) => name.startsWith('data:'));
  const files = names
    .filter((name) => !/^(data|node):/.test(name))
    .map((name) => [name, resolveFrom(name, from)] as const);
  const lost = files.find(([, path]) => path === undefined);
  const loaded = await readLoaded({
    root,
    own,
    externals: files.flatMap(([, path]) => (path === undefined ? [] : [[path, from] as const])),
    scripts: { required: [...requiredFiles()], asked: [], imported: [], since: Number.POSITIVE_INFINITY },
    files: new ScannedFiles(),
  });
  const unrecorded = lost ? `Node was told to load ${lost[0]} first, and it cannot be found` : loaded.unrecorded;
  return {
    tokens: {
      ...conditionTokens(),
      // All of it counts: it may have changed anything.
      ...tokensOf(loaded),
      ...Object.fromEntries(texts.map((text, at) => [`@file data:${at}`, digestOf(text)])),
    },
    ...(unrecorded !== undefined && { unrecorded }),
  };
}

function resolveFrom(name: string, from: string): string | undefined {
  const require = Module.createRequire(pathToFileURL(from));
  try {
    return require.resolve(name.startsWith('file:') ? new URL(name).pathname : name);
  } catch {
    return undefined;
  }
}
