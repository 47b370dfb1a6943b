import { once } from 'node:events';
import { mkdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { freshFolder } from '@varve/test-support';
import { build } from 'esbuild';
import { lookFiles } from '../../../src/observe/files/index.ts';
import type { ObserveOptions } from '../../../src/observe/options.ts';

/** Asks a thread to load a module. */
export interface Question {
  readonly bundle: string;
}

export interface Answer {
  readonly tokens: Readonly<Record<string, string>>;
  readonly calls: readonly { readonly call: string }[];
  readonly unrecorded: string | undefined;
  /** What the module exports as `result`. */
  readonly result: unknown;
  readonly error?: string;
}

/** A project, and a thread that runs code in it and tells what the code saw. */
export interface Project {
  readonly root: string;
  /** Runs the statements of a module. `ROOT` is the folder of the project, `fs`, `fsp` and `path` are the modules of Node. */
  run(code: string): Promise<Answer>;
  /** Removes all files, and makes these. */
  reset(files: Readonly<Record<string, string>>): void;
  /** Today's tokens of the reads of an answer. */
  look(answer: Answer): Promise<Record<string, string>>;
  close(): Promise<unknown>;
}

const PRELUDE = `import fs from 'node:fs';
import fsp from 'node:fs/promises';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { once } from 'node:events';
import { promisify } from 'node:util';
const require = createRequire(import.meta.url);
`;

export interface ProjectOptions extends Partial<ObserveOptions> {
  /** False for a thread of plain Node, to compare with. */
  readonly isObserved?: boolean;
  /** True to observe the commands that code starts, too. */
  readonly seesCommands?: boolean;
}

export async function openProject(
  files: Readonly<Record<string, string>> = {},
  { isObserved = true, seesCommands = false, ...settings }: ProjectOptions = {},
): Promise<Project> {
  const root = realpathSync(freshFolder());
  const state = join(root, '.varve');
  const code = realpathSync(freshFolder());
  const fill = (tree: Readonly<Record<string, string>>) => {
    mkdirSync(state, { recursive: true });
    for (const [path, text] of Object.entries(tree)) put(join(root, path), text);
  };
  fill(files);
  const options = isObserved ? { root, own: [state, code], ...settings } : undefined;
  const thread = new Worker(await bundled(), { workerData: { options, seesCommands } });
  let count = 0;
  return {
    root,
    async run(statements) {
      const file = join(code, `code-${count++}.mjs`);
      writeFileSync(file, `${PRELUDE}const ROOT = ${JSON.stringify(root)};\n${statements}`);
      thread.postMessage({ bundle: pathToFileURL(file).href } satisfies Question);
      const [answer] = await once(thread, 'message');
      return answer as Answer;
    },
    reset(tree) {
      rmSync(root, { recursive: true, force: true });
      fill(tree);
    },
    look: async ({ tokens }) => Object.fromEntries(await lookFiles(Object.keys(tokens), { root })),
    close: () => thread.terminate(),
  };
}

/** Writes a file of an old date: one that has just changed is treated with more care. */
export function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (text.startsWith('-> ')) symlinkSync(text.slice(3), file);
  else {
    writeFileSync(file, text);
    utimesSync(file, 1e9, 1e9);
  }
}

let built: Promise<string> | undefined;

/** Node 20 loads no TypeScript by itself. */
function bundled(): Promise<string> {
  built ??= (async () => {
    const outfile = join(freshFolder(), 'observed-thread.mjs');
    const entry = fileURLToPath(new URL('./fixtures/observed-thread.ts', import.meta.url));
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    return outfile;
  })();
  return built;
}
