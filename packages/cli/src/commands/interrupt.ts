import { setMaxListeners } from 'node:events';
import { EXIT } from '../exit-codes.ts';

/** Handler of Ctrl-C and SIGTERM during a run. */
export interface Interrupt {
  readonly signal: AbortSignal;
  exitCode(): number;
  stop(): void;
}

/** Cancels the run at the first signal and keeps its results; ends the process at the second one. */
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

/** Aborts at the first Ctrl-C or SIGTERM; the second one kills the process. */
export function abortOnInterrupt(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  // Every call under way listens, however many there are: that is no leak.
  setMaxListeners(0, controller.signal);
  const stop = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, stop);
    },
  };
}
