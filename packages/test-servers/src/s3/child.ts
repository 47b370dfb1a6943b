import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A server in a process of its own, which a test may kill. */
export interface ChildServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** Kills the process at once, as a power cut does, and waits for its end. Killing it again does nothing. */
  kill(): Promise<void>;
}

/** Starts the double in a process, which prints its address as its first line. `options`: those of the double. */
export async function startS3Process(options: object = {}): Promise<ChildServer> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-server-'));
  const outfile = join(folder, 'server.mjs');
  const entryPoints = [fileURLToPath(new URL('main.ts', import.meta.url))];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
  const child = spawn(process.execPath, [outfile, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => rmSync(folder, { recursive: true, force: true }));
  const url = await firstLine(child, ended);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, child, kill };
}

async function firstLine(child: ChildProcess, ended: Promise<void>): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8');
  const said = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
  const line = await Promise.race([said, ended]);
  if (typeof line === 'string') return line;
  throw new Error('the server ended before it said where it listens');
}
