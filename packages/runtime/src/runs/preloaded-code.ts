import Module from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readLoaded, requiredFiles, ScannedFiles, tokensOf } from '../observe/load/index.ts';
import type { ObserveOptions } from '../observe/options.ts';
import { digestOf } from '../observe/shared/tokens.ts';

/** Flags of Node that load a module before all others. */
const FLAGS = /^(?:-r|--require|--import|--loader|--experimental-loader)(?:=(.*))?$/s;

/** What Node was told to load first. */
type Started = Pick<NodeJS.Process, 'execArgv' | 'env'>;

/** Names of the modules that a process loads before all others, as they were given. */
export function preloadsOf({ execArgv, env }: Started): readonly string[] {
  const args = [...wordsOf(env.NODE_OPTIONS ?? ''), ...execArgv];
  return args.flatMap((arg, at) => {
    const match = FLAGS.exec(arg);
    return match ? [match[1] ?? args[at + 1] ?? ''] : [];
  });
}

/** Blanks divide, but for those in double quotes. */
function wordsOf(text: string): string[] {
  return (text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []).map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')),
  );
}

/** What belongs to every step because Node loaded it before all else, and why nobody may use the results, if that is so. */
export async function readPreloaded({ root, own }: ObserveOptions): Promise<{
  readonly tokens: Readonly<Record<string, string>>;
  readonly unrecorded?: string;
}> {
  const names = preloadsOf(process);
  if (names.length === 0) return { tokens: {} };
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
