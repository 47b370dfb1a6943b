import { inspect } from 'node:util';
import type { SourceLocation, StoredError } from '../../contract/index.ts';
import { locateStack } from '../../flow/index.ts';

/** Depth of an error's causes that is stored, sent to another thread, or accepted from a runner: a cycle must end. */
export const CAUSES_MAX = 8;

/** An error as plain data, with the innermost place in the user's own source. Accepts any thrown value and never throws. */
export function storeError(error: unknown, depth = 0): StoredError {
  try {
    return readError(error, depth);
  } catch {
    return { name: 'Error', message: 'the step threw an error that cannot be read' };
  }
}

function readError(error: unknown, depth: number): StoredError {
  if (!isErrorLike(error)) return { name: 'Error', message: describeThrown(error) };
  const { code, hint, location, stack, cause } = error;
  const place = locationOf(location) ?? locateStack(typeof stack === 'string' ? stack : undefined);
  return {
    name: typeof error.name === 'string' ? error.name : 'Error',
    message: String(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof hint === 'string' && { hint }),
    ...(place && { location: place }),
    ...(typeof stack === 'string' && { stack }),
    ...(cause !== undefined && depth < CAUSES_MAX && { cause: storeError(cause, depth + 1) }),
  };
}

type ErrorLike = { readonly [k in keyof StoredError]?: unknown };

/** Errors of other realms, e.g. of `node:vm`, are errors too. */
function isErrorLike(value: unknown): value is ErrorLike {
  return (
    value instanceof Error || (typeof value === 'object' && value !== null && 'message' in value && 'stack' in value)
  );
}

/** Other libraries use this property for other things: only a place in a file is taken. */
function locationOf(value: unknown): SourceLocation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { file, line, column } = value as { readonly [k in keyof SourceLocation]: unknown };
  if (typeof file !== 'string' || !isPosition(line)) return undefined;
  return isPosition(column) ? { file, line, column } : { file, line };
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** A step may throw any value: one that is no error is shown as it would be printed. */
function describeThrown(value: unknown): string {
  return `the step threw ${inspect(value, { depth: 1, breakLength: 100 })}, which is not an Error`;
}
