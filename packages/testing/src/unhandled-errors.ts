import { currentScope, failingExit } from '@varve/core/internal';

import { captureOutput } from './capture.ts';

/**
 * Makes errors outside a step's own promise, and `process.exit()`, fail the attempt they come from. All others go to the
 * listeners of before: the process belongs to a test runner. Returns the undo.
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
    // As if there were no listener at all.
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
 * Watches output and unhandled errors from the first task of any test until the last one under way has ended. Installed
 * once for all that runs at the same time: otherwise one test would restore the replacement that another one had made.
 */
export function watchProcess(): () => void {
  if (watching++ === 0) undo = [captureOutput(), claimUnhandledErrors()];
  return () => {
    if (--watching > 0) return;
    for (const one of undo) one();
    undo = [];
  };
}
