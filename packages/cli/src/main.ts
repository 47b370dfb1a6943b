import { CommanderError } from './commands/commander.ts';
import { createProgram } from './commands/program.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { releaseStdout, reserveStdout } from './print/stdout.ts';

/** Commands that do more than read. They go on when their output is no longer read. */
const RUNNING: readonly string[] = ['run', 'check-store', 'doctor', 'copy'];

/** Runs one command line and returns the exit code. Errors are printed only here. */
export async function main(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug') || process.env.VARVE_DEBUG === '1';
  let code: number = EXIT.ok;
  let running = false;
  // The reader of stdout has closed it: `varve list | head -1` is done, but a run goes on to its end.
  process.stdout.on('error', (error) => {
    if (isClosedPipe(error) && !running) process.exit(EXIT.ok);
  });
  process.stderr.on('error', () => {});
  releaseStdout();
  stopWatching?.();
  const watching = watchOthersCode(debug);
  stopWatching = watching.stop;
  const program = createProgram((ended) => {
    code = ended;
  });
  program.hook('preAction', (_, command) => {
    running = RUNNING.includes(command.name());
    if (command.opts<{ json?: boolean }>().json === true) reserveStdout();
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return await report(error, debug);
  } finally {
    watching.isDone();
  }
}

/** Ends what the last command line of this process watches. */
let stopWatching: (() => void) | undefined;

/** Says what code of a config or a plugin does where nobody waits for it: it throws, or it never answers. */
function watchOthersCode(debug: boolean): { readonly isDone: () => void; readonly stop: () => void } {
  const end = async (error: unknown): Promise<void> => {
    const code = await report(error, debug);
    process.exit(code === EXIT.ok ? EXIT.failed : code);
  };
  const onThrow = (error: unknown): void => {
    if (process.listenerCount('uncaughtException') === 1) void end(error);
  };
  const onIdle = (): void => {
    if (process.listenerCount('beforeExit') > 1) return;
    const hint = 'Look for a promise in varve.config.ts or in a plugin that never settles.';
    void import('@varve/core/contract').then(({ VarveError }) =>
      end(new VarveError('VARVE_CONFIG', 'the command waits for something that never comes', { hint })),
    );
  };
  process.on('uncaughtException', onThrow);
  process.on('beforeExit', onIdle);
  const isDone = (): void => void process.off('beforeExit', onIdle);
  return { isDone, stop: () => void process.off('uncaughtException', onThrow) };
}

/** Prints an error, and returns the exit code that goes with it. */
async function report(error: unknown, debug: boolean): Promise<number> {
  const { renderError } = await import('./print/error.ts');
  const { painter } = await import('./print/format.ts');
  const { redact } = await import('./print/redact.ts');
  // What plugins and configs throw may quote what they were given.
  process.stderr.write(`${redact(renderError(error, painter(process.stderr), debug), process.env)}\n`);
  return exitCodeOf(error);
}

/** Ms that a command which is done waits for timers and connections of the user's code. */
const LINGER_MS = 1_500;

/** Ends the process once what was printed has been read, also when a config has left a timer or a server behind. */
export function endSoon(): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) return endSoon();
    process.exit();
  }, LINGER_MS).unref();
}

function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}
