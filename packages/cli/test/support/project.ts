import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/varve.js', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));

/** What a command line did. */
export interface Result {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's project in a fresh folder, with varve installed as a link. */
export class Project {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-project-')));
    this.write('package.json', '{ "type": "module" }\n');
    this.link('varve', 'cli');
    for (const name of ['core', 'store-fs', 'serializer-superjson']) this.link(`@varve/${name}`, name);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  path(relative: string): string {
    return join(this.root, relative);
  }

  write(relative: string, text: string): void {
    mkdirSync(dirname(this.path(relative)), { recursive: true });
    writeFileSync(this.path(relative), text);
  }

  /** Runs `varve` with these arguments and waits for its end. */
  varve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
    return this.start(args, env).ended;
  }

  /** Starts `varve` in a process group of its own, so that a test can end all of it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: this.root,
      env: { ...process.env, NO_COLOR: '1', ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const ended = new Promise<Result>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
    });
    const said = async (text: string) => {
      while (!output.stderr.includes(text) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    return { child, ended, output, /** Resolves when stderr contains the text, or the process has ended. */ said };
  }

  private link(name: string, folder: string): void {
    const target = this.path(`node_modules/${name}`);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(PACKAGES, folder), target);
  }
}
