import { currentScope, failingExit } from '@varve/core/internal';

import { captureOutput } from './capture.ts';

/**
 * Errors outside a step's own promise and `process.exit()` fail the attempt they come from. All others are for those who
 * listened before: the process belongs to a test runner. Returns what undoes it.
 */
export function claimUnhandledErrors(): () => void {
  const undo = [claim('uncaughtException'), claim('unhandledRejection'), claimExit()];
  return () => {
    for (const one of undo) one();
  };
}

type Listener = (...values: unknown[]) => void;

function claim(event: 'uncaughtException' | 'unhandledRejection'): () => void {
  const others = process.rawListeners(event) as Listener[];
  const handle = (error: unknown, ...rest: unknown[]): void => {
    const scope = currentScope();
    if (scope) return scope.fail(error);
    // As it would be if nobody listened here.
    if (others.length === 0) throw error;
    for (const other of others) other.call(process, error, ...rest);
  };
  process.removeAllListeners(event);
  process.on(event, handle);
  return () => {
    process.off(event, handle);
    const since = process.rawListeners(event) as Listener[];
    process.removeAllListeners(event);
    for (const listener of [...others, ...since]) process.on(event, listener);
  };
}

function claimExit(): () => void {
  const { exit } = process;
  const claimed = failingExit(exit);
  process.exit = claimed;
  return () => {
    if (process.exit === claimed) process.exit = exit;
  };
}

let watching = 0;
let undo: readonly (() => void)[] = [];

/**
 * From the first task of any test until the last one that is under way has ended, what steps print is kept beside being
 * printed, and what they throw past their own promise is theirs. Once for all that runs at the same time: what one puts
 * back must not be what another one has put there.
 */
export function watchProcess(): () => void {
  if (watching++ === 0) undo = [captureOutput(), claimUnhandledErrors()];
  return () => {
    if (--watching > 0) return;
    for (const one of undo) one();
    undo = [];
  };
}
