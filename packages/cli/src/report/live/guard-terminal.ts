const ENDING = ['SIGHUP', 'SIGQUIT'] as const;

export interface TerminalGuard {
  /** The terminal is about to belong to somebody else. */
  giveBack(): void;
  /** It is ours again, and may show anything. */
  comeBack(): void;
}

/** The part of `process` that is needed. */
export interface SignalHost {
  readonly pid: number;
  on(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: string, listener: (signal: NodeJS.Signals) => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/**
 * Gives the terminal back however the process ends or pauses: by `exit`, an exception, a signal, Ctrl-Z. Ctrl-C and
 * SIGTERM are left to those who listen to them. Call what it returns when the terminal is no longer held.
 */
export function guardTerminal(guard: TerminalGuard, host: SignalHost = process): () => void {
  const exit = () => guard.giveBack();
  const end = (signal: NodeJS.Signals) => {
    release();
    guard.giveBack();
    host.kill(host.pid, signal);
  };
  const pause = (signal: NodeJS.Signals) => {
    host.off('SIGTSTP', pause);
    guard.giveBack();
    host.on('SIGCONT', resume);
    host.kill(host.pid, signal);
  };
  const resume = () => {
    host.off('SIGCONT', resume);
    host.on('SIGTSTP', pause);
    guard.comeBack();
  };
  const release = () => {
    host.off('exit', exit);
    host.off('SIGTSTP', pause);
    host.off('SIGCONT', resume);
    for (const signal of ENDING) host.off(signal, end);
  };
  host.on('exit', exit);
  host.on('SIGTSTP', pause);
  for (const signal of ENDING) host.on(signal, end);
  return release;
}
