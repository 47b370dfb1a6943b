import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const execute = promisify(execFile);

/** Tarballs by package name. */
export type Tarballs = Readonly<Record<string, string>>;

export type Installer = 'npm' | 'pnpm';

export interface Command {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command and returns its standard output. The error of a failed command holds all of its output. */
export async function run({ cwd, env = {} }: Command, command: string, ...args: readonly string[]): Promise<string> {
  const shown = `$ ${command} ${args.join(' ')}`;
  try {
    const { stdout, stderr } = await execute(command, args, {
      cwd,
      env: { ...process.env, CI: '1', NO_COLOR: '1', ...env },
    });
    if (process.env.VARVE_TABLES === '1') process.stdout.write(`${shown}\n${stdout}${stderr}\n`);
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${shown}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Packs every package of varve, the example store and the example runner, as a release does. */
export async function packAll(into: string): Promise<Tarballs> {
  const folders = readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name));
  const tarballs: Record<string, string> = {};
  const examples = ['custom-store', 'custom-runner'].map((name) => join(ROOT, 'examples', name));
  for (const cwd of [...folders, ...examples]) {
    const { name } = readJson(join(cwd, 'package.json')) as { name: string };
    const before = new Set(readdirSync(into));
    await run({ cwd }, 'npx', '--yes', pnpm(), 'pack', '--pack-destination', into);
    const made = readdirSync(into).find((file) => !before.has(file));
    if (made === undefined) throw new Error(`${name} made no tarball`);
    tarballs[name] = join(into, made);
  }
  return tarballs;
}

/** Installs the tarballs in an empty folder. */
export async function install(cwd: string, installer: Installer, tarballs: Tarballs): Promise<void> {
  const dependencies = Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]));
  // The packages are on no registry, so pnpm needs overrides to find those that depend on each other.
  const more = installer === 'pnpm' ? { pnpm: { overrides: dependencies } } : {};
  const manifest = { name: 'empty-project', private: true, type: 'module', dependencies, ...more };
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest, null, 2));
  if (installer === 'npm') await run({ cwd }, 'npm', 'install', '--no-audit', '--no-fund');
  else await run({ cwd }, 'npx', '--yes', pnpm(), 'install', '--no-frozen-lockfile');
}

/** Starts the server of the example store and returns its address. Imported by URL, because the example is no dependency. */
export async function startExampleServer(): Promise<string> {
  const module: unknown = await import(new URL('examples/custom-store/test/server.ts', `file://${ROOT}`).href);
  return (module as { startServer(): Promise<string> }).startServer();
}

/** Reads the version of pnpm that the repository is pinned to. */
function pnpm(): string {
  return (readJson(join(ROOT, 'package.json')) as { packageManager: string }).packageManager;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
