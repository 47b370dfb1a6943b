import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { GcsServerOptions } from './server.ts';

export interface GcsProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the server in a process of its own, so that it takes no time from the one that is measured. */
export async function startGcsProcess(options: GcsServerOptions = {}): Promise<GcsProcess> {
  const server = fileURLToPath(new URL('server.ts', import.meta.url));
  const { outputFiles } = await build({
    stdin: {
      contents: `import { GcsServer } from ${JSON.stringify(server)};
        process.stdout.write((await GcsServer.start(${JSON.stringify(options)})).url + '\\n');
        process.on('disconnect', () => process.exit());`,
      resolveDir: '/',
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  // The channel ends the server when this process dies, in whatever way.
  const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  child.stdin?.end(outputFiles[0]?.text ?? '');
  return { url: await firstLine(child), stop: () => stop(child) };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code} before it listened.`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  await ended;
}
