import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'esbuild';
import { onTestFinished } from 'vitest';
import { ScannedFiles } from '../../../src/observe/load/files/scanned-files.ts';
import { type LoadedModules, readLoaded } from '../../../src/observe/load/loaded-modules.ts';
import { lookModules } from '../../../src/observe/load/packages/look-modules.ts';
import type { ThreadReport, ThreadWork } from './fixtures/module-thread.ts';

/** Real files, and threads that load them. */
export interface ModuleProject {
  readonly root: string;
  path(name: string): string;
  url(name: string): string;
  write(files: Readonly<Record<string, string>>): void;
  link(name: string, target: string): void;
  /** Loads a compiled module with this body in a new thread and runs exports of it as tasks. */
  run(body: string, tasks?: readonly string[], observesAll?: boolean): Promise<ThreadReport>;
  /** Loads it, and reads what was loaded. `externals`: files the module imports. */
  load(body: string, externals: readonly string[]): Promise<LoadedModules>;
  look(place: string): Promise<string>;
}

const HOOK = `globalThis[Symbol.for('varve.load')]?.bodyBegins();\n`;

/** Makes a folder that is removed after the test. */
export function moduleProject(files: Readonly<Record<string, string>>): ModuleProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-modules-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    }
  };
  const link = (name: string, target: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    symlinkSync(path(target), path(name), 'junction');
  };
  let count = 0;
  const own = [path('.varve')];
  const run = async (body: string, tasks: readonly string[] = [], observesAll = false) => {
    const name = `.varve/build/flow-${count++}.mjs`;
    write({ [name]: HOOK + body });
    return inThread({ root, own, bundle: pathToFileURL(path(name)).href, tasks, observesAll });
  };
  write(files);
  return {
    root,
    path,
    url: (name) => pathToFileURL(path(name)).href,
    write,
    link,
    run,
    load: async (body, externals) => {
      const { scripts } = await run(body);
      const entries = externals.map((name) => [realpathSync(path(name)), path('flow.ts')] as const);
      return readLoaded({ root, own, externals: entries, scripts, files: new ScannedFiles() });
    },
    look: (place) => lookModules({ root, files: new ScannedFiles() })(place),
  };
}

let program: Promise<string> | undefined;

async function inThread(work: ThreadWork): Promise<ThreadReport> {
  program ??= compile();
  const worker = new Worker(await program, { workerData: work, eval: false });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** The fixture as JavaScript: Node 20 loads no TypeScript by itself. */
async function compile(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'varve-thread-')), 'module-thread.mjs');
  const entry = fileURLToPath(new URL('./fixtures/module-thread.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [ownScopes],
    banner: { js: "import { createRequire as rq } from 'node:module'; const require = rq(import.meta.url);" },
  });
  return outfile;
}

const ownScopes: Plugin = {
  name: 'own-scopes',
  setup(builder) {
    builder.onResolve({ filter: /^@varve\/core\/internal$/ }, ({ importer }) =>
      /(module-thread|scope)\.ts$/.test(importer)
        ? undefined
        : { path: fileURLToPath(new URL('./fixtures/scope.ts', import.meta.url)) },
    );
  },
};

export const json = (value: object) => JSON.stringify(value);
