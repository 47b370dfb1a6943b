import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A database that a test may kill. */
export interface DatabaseProcess {
  /** With user and password. */
  readonly url: string;
  readonly port: number;
  /** Kills it with SIGKILL, and waits for its end. What it has stored stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what it has stored. */
  restart(): Promise<void>;
  /** Kills it and removes what it has stored. */
  close(): Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What the server says when it can be used. */
  readonly ready: string;
  /** It refuses to run as root: then it runs as this user. */
  readonly user?: string;
}

/** Ms until a server must be ready. */
const PATIENCE = 60_000;

/** A folder of its own for a server, which belongs to the user that it runs as. */
export function serverFolder(name: string, user?: string): string {
  const folder = mkdtempSync(join(tmpdir(), `varve-${name}-`));
  if (user !== undefined && isRoot()) chownSync(folder, idOf('-u', user), idOf('-g', user));
  return folder;
}

/** Runs a tool to its end. */
export function runTool({ command, args, user }: Omit<ServerCommand, 'ready'>): void {
  const [first = command, ...rest] = asUser(command, args, user);
  execFileSync(first, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Runs a server until it is closed. Rejects with what it said when it does not become ready. */
export async function startServer(url: string, port: number, folder: string, server: ServerCommand) {
  let child = await launch(server);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const restart = async () => {
    // The processes of a killed Postgres need a moment to end, and the new one refuses to start before.
    for (const end = Date.now() + PATIENCE; ; ) {
      try {
        child = await launch(server);
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const close = async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  return { url, port, kill, restart, close } satisfies DatabaseProcess;
}

async function launch({ command, args, ready, user }: ServerCommand): Promise<ChildProcess> {
  const [first = command, ...rest] = asUser(command, args, user);
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    await new Promise<void>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += text;
        if (said.includes(ready)) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`${command} ended, or was not ready after ${PATIENCE} ms: ${said}`)));
    });
  } finally {
    clearTimeout(timer);
  }
  return child;
}

/** On Linux the server ends with the test, however that ends. */
function asUser(command: string, args: readonly string[], user: string | undefined): string[] {
  if (process.platform !== 'linux') return [command, ...args];
  const who =
    user === undefined || !isRoot()
      ? []
      : ['--reuid', String(idOf('-u', user)), '--regid', String(idOf('-g', user)), '--clear-groups'];
  return ['setpriv', '--pdeathsig', 'KILL', ...who, command, ...args];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function idOf(which: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [which, user], { encoding: 'utf8' }));
}

/** The path of a program in one of these folders or in PATH; `undefined` where it is not installed. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...folders, ...(process.env.PATH ?? '').split(':')];
  return all.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Folders inside of this one. */
export function foldersIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** `undefined` where a server is not installed; throws then where tests on servers are wanted: `VARVE_TEST_SERVERS=1`. */
export function notInstalled(why: string): undefined {
  if (process.env.VARVE_TEST_SERVERS === '1') throw new Error(why);
  return undefined;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
