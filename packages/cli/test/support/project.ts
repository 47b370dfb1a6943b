import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { openTestStore, type TestStore } from './stores.ts';

const BIN = fileURLToPath(new URL('../../bin/varve.js', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Result of a command. */
export interface Result {
  /** `null` after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Env = Readonly<Record<string, string>>;

export interface StartOptions {
  readonly env?: Env;
  /** Folder inside the project. */
  readonly cwd?: string;
  /** Standard input; empty by default. */
  readonly input?: string;
}

/** A process under test. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Resolves when stderr contains the text, or the process has ended. */
  said(text: string): Promise<void>;
}

/** An event of `varve run --json`. */
export interface RunEventLine {
  readonly v: number;
  readonly t: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

const SEAMS = ['serializer-superjson', 'serializer-msgpack', 'hasher-blake3', 'metadata-keyv', 'metadata-sqlite'];

/** A user's project in a fresh folder, with varve installed as a link. */
export class Project {
  readonly root: string;
  /** Where its results are, unless `files` has a config that says otherwise. */
  readonly store: TestStore;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-project-')));
    made.push(this.root, `${this.root}-aside`);
    this.write('package.json', '{ "type": "module" }\n');
    this.linkPackage('varve', 'cli');
    for (const name of ['core', 'store-fs', 'store-s3', 'store-gcs', 'store-tiered', 'serializer-exact', ...SEAMS])
      this.linkPackage(`@varve/${name}`, name);
    this.store = openTestStore(this.root);
    const hasConfig = Object.keys(files).some((path) => path.startsWith('varve.config.'));
    if (this.store.config !== undefined && !hasConfig) this.write('varve.config.mjs', this.store.config);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** `~notes.txt` lies outside of the project, in the temp folder: what a step does there is neither input nor output. */
  path(relative: string): string {
    return relative.startsWith('~') ? join(`${this.root}-aside`, relative.slice(1)) : resolve(this.root, relative);
  }

  read(relative: string): string {
    return readFileSync(this.path(relative), 'utf8');
  }

  write(relative: string, text: string): void {
    mkdirSync(dirname(this.path(relative)), { recursive: true });
    writeFileSync(this.path(relative), text);
  }

  /** Runs `varve` with these arguments and waits for its end. */
  varve(args: readonly string[], env: Env = {}, options: StartOptions = {}): Promise<Result> {
    return this.start(args, env, options).ended;
  }

  /** Runs `varve`, expects exit code 0, and parses what it printed. */
  async json<T = never>(...args: readonly string[]): Promise<T> {
    return JSON.parse(expectCode(await this.varve(args), 0).stdout) as T;
  }

  /** Runs a flow with `--json`, expects this exit code, and returns its events. */
  async events(args: readonly string[], code = 0, env: Env = {}): Promise<RunEventLine[]> {
    const { stdout } = expectCode(await this.varve(['run', ...args, '--json'], env), code);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEventLine);
  }

  /** Runs a script of the project with plain node. */
  node(script: string, env: Env = {}): Promise<Result> {
    return this.spawn([this.path(script)], { env }).ended;
  }

  /** Starts `varve` in its own process group, so that a test can kill all of it. */
  start(args: readonly string[], env: Env = {}, options: StartOptions = {}): Started {
    return this.spawn([BIN, ...args], { ...options, env });
  }

  private spawn(args: readonly string[], { env, cwd = '.', input }: StartOptions): Started {
    const child = spawn(process.execPath, args, {
      cwd: this.path(cwd),
      env: { ...process.env, NO_COLOR: '1', ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A process may end before it has read its input; its exit code tells why.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = new Promise<Result>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
    });
    const said = async (text: string) => {
      while (!output.stderr.includes(text) && child.exitCode === null) await pause(10);
    };
    return { child, ended, output, said };
  }

  /** Links a folder of the project as a package, like a workspace. */
  linkFolder(name: string, folder: string): void {
    const target = this.path(`node_modules/${name}`);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(this.path(folder), target);
  }

  /** Links a package of this repository, as if it were installed. */
  linkPackage(name: string, folder: string): void {
    this.linkFolder(name, join(PACKAGES, folder));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Expects an exit code, and shows the output otherwise. */
export function expectCode(result: Result, code: number | null): Result {
  expect(result.code, `${result.stdout}${result.stderr}`).toBe(code);
  return result;
}

/** Expects no stack and no path of the engine in the output. */
export function expectNoStack({ stdout, stderr }: Result): void {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(`${stdout}${stderr}`).not.toMatch(/UnhandledPromiseRejection|packages\/core\/dist/);
}
