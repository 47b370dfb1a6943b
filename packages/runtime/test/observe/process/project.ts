import { fork } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { AmbientReads } from '@varve/core/contract';
import { freshFolder } from '@varve/test-support';
import { build } from 'esbuild';
import type { ObserveOptions } from '../../../src/observe/options.ts';

export interface Seen {
  /** The result as `util.inspect` shows it. */
  readonly value: string;
  readonly ambient?: AmbientReads;
}

/** Where the thread's code lies for its frames to be varve's own. */
const home = realpathSync(freshFolder());
const entry = join(home, 'node_modules/@varve/runtime/dist/thread.mjs');
let built: Promise<unknown> | undefined;

function buildThread(): Promise<unknown> {
  const source = fileURLToPath(new URL('./fixtures/observed-thread.ts', import.meta.url));
  built ??= build({
    entryPoints: [source],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire as _r } from 'node:module'; const require = _r(import.meta.url);" },
  });
  return built;
}

/** A project in a folder of its own, and threads that run its code. */
export class Project {
  readonly root = realpathSync(freshFolder());
  private readonly ends: (() => unknown)[] = [];

  /** Writes a file; returns its URL. */
  write(name: string, text: string): string {
    const file = join(this.root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return pathToFileURL(file).href;
  }

  /** Writes a package in CommonJS. */
  install(name: string, code: string): void {
    this.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0' }));
    this.write(`node_modules/${name}/index.js`, code);
  }

  options(more: Partial<ObserveOptions> = {}): ObserveOptions {
    return { root: this.root, own: [join(this.root, '.varve')], ...more };
  }

  /** Starts a thread with observers, or without any when `options` is `undefined`. */
  async start(options: ObserveOptions | undefined, env?: NodeJS.ProcessEnv): Promise<Thread> {
    await buildThread();
    const thread = new Worker(entry, { workerData: { options }, env: { ...process.env, ...env } });
    this.ends.push(() => thread.terminate());
    return new Thread(thread, (message) => thread.postMessage(message));
  }

  /** Starts a thread with observers, and one without any to compare with. */
  async startBoth(env?: NodeJS.ProcessEnv): Promise<{ readonly observed: Thread; readonly plain: Thread }> {
    return { observed: await this.start(this.options(), env), plain: await this.start(undefined, env) };
  }

  /** As `start`, in the main thread of a process of its own. */
  async startProcess(options: ObserveOptions | undefined, env?: NodeJS.ProcessEnv): Promise<Thread> {
    await buildThread();
    const VARVE_TEST = JSON.stringify({ options });
    const child = fork(entry, { env: { ...process.env, ...env, VARVE_TEST }, execArgv: [], cwd: this.root });
    this.ends.push(() => child.kill());
    return new Thread(child, (message) => child.send(message));
  }

  async close(): Promise<void> {
    await Promise.all(this.ends.map((end) => end()));
  }
}

/** One thread of a project. */
export class Thread {
  constructor(
    readonly from: EventEmitter,
    private readonly send: (message: { readonly action: string; readonly args: object }) => unknown,
  ) {}

  call(url: string, arg?: unknown): Promise<Seen> {
    return this.ask('call', { url, arg });
  }

  together(...urls: string[]): Promise<Seen[]> {
    return this.ask('together', { urls });
  }

  load(url: string): Promise<Seen> {
    return this.ask('load', { url });
  }

  outside(url: string): Promise<Seen> {
    return this.ask('outside', { url });
  }

  private ask<T>(action: string, args: object): Promise<T> {
    this.send({ action, args });
    return once(this.from, 'message').then(([seen]) => seen as T);
  }
}

/** What was seen, for short: names of reads, then of calls with the package. */
export function namesOf({ ambient }: Seen): string[] {
  const calls = (ambient?.calls ?? []).map(({ call, package: from }) => (from ? `${call} in ${from}` : call));
  return [...Object.keys(ambient?.tokens ?? {}), ...calls];
}
