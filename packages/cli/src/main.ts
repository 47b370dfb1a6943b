import { CommanderError } from './commands/commander.ts';
import { createProgram } from './commands/program.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

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
  const program = createProgram((ended) => {
    code = ended;
  });
  program.hook('preAction', (_, command) => {
    running = RUNNING.includes(command.name());
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { renderError } = await import('./print/error.ts');
    const { painter } = await import('./print/format.ts');
    process.stderr.write(`${renderError(error, painter(process.stderr), debug)}\n`);
    return exitCodeOf(error);
  }
}

function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}
