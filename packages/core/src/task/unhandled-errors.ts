import { syncBuiltinESMExports } from 'node:module';
import { type AttemptScope, currentScope, printOutside } from './scope.ts';

/** Attempts that run in this thread now: a stray error without a context is theirs when there is only one. */
const running = new Set<AttemptScope>();

/** Notes that an attempt runs, until the returned function is called. */
export function markRunning(scope: AttemptScope): () => void {
  running.add(scope);
  return () => running.delete(scope);
}

/**
 * Errors outside a step's own promise (an unhandled rejection, a throwing timer) and `process.exit()` fail the attempt
 * they come from, not the thread. Returns what undoes it.
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

/** `process.exit` that fails the attempt which calls it, and is `exit` for everybody else. */
export function failingExit(exit: typeof process.exit): typeof process.exit {
  return ((code?: number | string) => {
    const scope = currentScope();
    if (!scope) return exit.call(process, code);
    const error = exitError(scope.label, code ?? process.exitCode ?? 0);
    scope.fail(error);
    throw error;
  }) as typeof exit;
}

function attribute(error: unknown): void {
  const scope = currentScope() ?? onlyOne();
  if (scope) scope.fail(error);
  else printOutside(`an error outside of any step: ${error instanceof Error ? error.stack : String(error)}\n`);
}

function onlyOne(): AttemptScope | undefined {
  const [first, second] = running;
  return second === undefined ? first : undefined;
}

/** Of a step that called `process.exit()`. Repeating it may help: a library may have given up on something outside. */
function exitError(label: string, code: number | string): Error {
  return Object.assign(new Error(`${label} called process.exit(${code})`), {
    name: 'CrashError',
    code: 'VARVE_TASK_CRASHED',
    hint: 'A step must not call process.exit(): throw an error instead.',
  });
}
