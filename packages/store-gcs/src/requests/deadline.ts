import { setMaxListeners } from 'node:events';

/** A wait that took too long. */
export class Timeout extends Error {
  constructor(what: string, ms: number) {
    super(`${what} within ${(ms / 1000).toFixed(ms < 1000 ? 1 : 0)} s`);
  }
}

/** Calls `act` once when the signal aborts. Returns what takes it back. */
export function onceAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => undefined;
  // All calls of a run may share one signal, and Node warns of more than ten.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/**
 * Settles as `work` does, or rejects after `ms` with `Timeout`, or with the reason of the signal. `onGiveUp` is called in
 * the last two cases, before the rejection.
 */
export function within<T>(
  work: Promise<T>,
  ms: number,
  what: string,
  signal?: AbortSignal,
  onGiveUp: (error: unknown) => void = () => undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      takeBack();
      act();
    };
    const giveUp = (error: unknown): void =>
      settle(() => {
        onGiveUp(error);
        reject(error);
      });
    const onAbort = (): void => giveUp(signal?.reason);
    const timer = setTimeout(() => giveUp(new Timeout(what, ms)), ms);
    const takeBack = onceAborted(signal, onAbort);
    work.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
    if (signal?.aborted) onAbort();
  });
}
