import { EXIT } from '../exit-codes.ts';

/** What Ctrl-C and SIGTERM mean while a run goes on. */
export interface Interrupt {
  readonly signal: AbortSignal;
  exitCode(): number;
  stop(): void;
}

/** The first signal stops the run and keeps its results; the second ends the process at once. */
export function listenForSignals(say: (text: string) => void): Interrupt {
  const abort = new AbortController();
  let code: number = EXIT.interrupted;
  const listen = (signal: 'SIGINT' | 'SIGTERM') => {
    code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (abort.signal.aborted) process.exit(code);
    say('\n stopping: running tasks have 10 s, results are kept; once more ends at once\n');
    abort.abort(new Error('interrupted'));
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  const stop = () => {
    process.off('SIGINT', listen);
    process.off('SIGTERM', listen);
  };
  return { signal: abort.signal, exitCode: () => code, stop };
}

/** The first Ctrl-C lets what is under way come to its end; the second one kills. */
export function stopOnInterrupt(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, stop);
    },
  };
}
