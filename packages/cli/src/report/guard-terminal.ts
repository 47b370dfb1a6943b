const ENDING = ['SIGHUP', 'SIGQUIT'] as const;

export interface TerminalGuard {
  /** The terminal is about to belong to somebody else. */
  giveBack(): void;
  /** It is ours again, and may show anything. */
  comeBack(): void;
}

/**
 * Gives the terminal back however the process ends or pauses: by `exit`, an exception, a signal, Ctrl-Z. Signals
 * others listen to are theirs. Call what it returns when the terminal is no longer held.
 */
export function guardTerminal(guard: TerminalGuard): () => void {
  const exit = () => guard.giveBack();
  const end = (signal: NodeJS.Signals) => {
    release();
    guard.giveBack();
    process.kill(process.pid, signal);
  };
  const pause = () => {
    process.off('SIGTSTP', pause);
    guard.giveBack();
    process.once('SIGCONT', resume);
    process.kill(process.pid, 'SIGTSTP');
  };
  const resume = () => {
    process.on('SIGTSTP', pause);
    guard.comeBack();
  };
  const release = () => {
    process.off('exit', exit).off('SIGTSTP', pause).off('SIGCONT', resume);
    for (const signal of ENDING) process.off(signal, end);
  };
  process.on('exit', exit).on('SIGTSTP', pause);
  for (const signal of ENDING) process.on(signal, end);
  return release;
}
