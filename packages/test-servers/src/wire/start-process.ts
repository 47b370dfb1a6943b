import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, which a test may kill. */
export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Kills the process at once, as a power cut does, and waits for its end. Killing it again does nothing. */
  kill(): Promise<void>;
}

/**
 * Starts a class of a module, by its static `start(options)`, in a process of its own: it takes no time from the one that is
 * measured. The server prints its address as its first line.
 */
export async function startProcess(module: URL, name: string, options: object): Promise<ServerProcess> {
  const contents = `import { ${name} } from ${JSON.stringify(fileURLToPath(module))};
    process.stdout.write((await ${name}.start(${JSON.stringify(options)})).url + '\\n');
    process.on('disconnect', () => process.exit());`;
  // Most tests keep their server at hand, and need no bundler.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: '/', loader: 'ts' },
    bundle: true,
    external: ['esbuild'],
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  // The channel ends the server when this process dies, in whatever way.
  const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  child.stdin?.end(outputFiles[0]?.text ?? '');
  const url = await firstLine(child, ended);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, child, kill };
}

async function firstLine(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
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
