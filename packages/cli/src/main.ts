import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** Runs one command line and gives the exit code. Errors are printed here and nowhere else. */
export async function main(argv: readonly string[]): Promise<number> {
  const debug = argv.includes('--debug') || process.env.VARVE_DEBUG === '1';
  process.stdout.on('error', endOnClosedPipe);
  let code: number = EXIT.ok;
  const program = createProgram((ended) => {
    code = ended;
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

/** `varve list | head -1` is not a fault. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
}
