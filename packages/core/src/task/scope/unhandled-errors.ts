import { syncBuiltinESMExports } from 'node:module';
import { type AttemptScope, currentScope, printOutside } from './capture.ts';

/** Attempts that run in this thread now: a stray error without a scope is attributed to the only one. */
const running = new Set<AttemptScope>();

/** Marks an attempt as running until the returned function is called. */
export function markRunning(scope: AttemptScope): () => void {
  running.add(scope);
  return () => running.delete(scope);
}

/**
 * Makes errors outside a step's own promise (an unhandled rejection, a throwing timer) and `process.exit()` fail the
 * attempt they come from, not the thread. Returns a function that undoes it.
 */
export function installUnhandledErrorHandlers(): () => void {
  const { exit } = process;
  process.on('uncaughtException', attribute);
  process.on('unhandledRejection', attribute);
  process.exit = failingExit(exit);
  syncBuiltinESMExports();
  return () => {
    process.off('uncaughtException', attribute);
    process.off('unhandledRejection', attribute);
    process.exit = exit;
    syncBuiltinESMExports();
  };
}

/** Wraps `process.exit`: called by an attempt it fails the attempt, called by other code it exits. */
export function failingExit(exit: typeof process.exit): typeof process.exit {
  return ((code?: number | string) => {
    const scope = currentScope();
    if (!scope) return exit.call(process, code);
    const error = exitError(scope.label, code ?? process.exitCode ?? 0);
    scope.fail(error);
    throw error;
  }) as typeof exit;
}

const loads = new Set<Promise<unknown>>();
const told = new WeakSet<object>();

/** Says that what this load fails with is told by the one who waits for it: Node may report it as unhandled besides. */
export function tellsItsError<T>(load: Promise<T>): Promise<T> {
  const tell = (error: unknown) => {
    if (typeof error === 'object' && error !== null) told.add(error);
  };
  const settled = load.then(() => undefined, tell).finally(() => loads.delete(settled));
  loads.add(settled);
  return load;
}

function attribute(error: unknown): void {
  const scope = currentScope() ?? onlyRunning();
  if (scope) scope.fail(error);
  else if (loads.size === 0) printUntold(error);
  else void Promise.all(loads).then(() => printUntold(error));
}

function printUntold(error: unknown): void {
  if (typeof error === 'object' && error !== null && told.has(error)) return;
  printOutside(`an error outside of any step: ${error instanceof Error ? error.stack : String(error)}\n`);
}

/** The only attempt that runs in this thread now; `undefined` for none or several. */
export function onlyRunning(): AttemptScope | undefined {
  const [first, second] = running;
  return second === undefined ? first : undefined;
}

/** Can be retried: a library may have exited because of something outside. */
function exitError(label: string, code: number | string): Error {
  return Object.assign(new Error(`${label} called process.exit(${code})`), {
    name: 'CrashError',
    code: 'VARVE_TASK_CRASHED',
    hint: 'A step must not call process.exit(): throw an error instead.',
  });
}
