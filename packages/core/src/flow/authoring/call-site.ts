import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../../contract/index.ts';

/** Where a function was called from, kept as one raw stack frame: only reading it costs anything. */
export interface CallSite {
  readonly stack?: string;
}

const FRAME = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/;

/** Remembers who called `callee`. One frame is captured; it is formatted, and source-mapped, when first looked at. */
export function captureCallSite(callee: (...values: never[]) => unknown): CallSite {
  const site: CallSite = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(site, callee);
  Error.stackTraceLimit = limit;
  return site;
}

/** `undefined` when the frame names no file. */
export function locateCallSite(site: CallSite): SourceLocation | undefined {
  return locateFrame(site.stack?.split('\n').find((line) => /^\s*at /.test(line)) ?? '');
}

/** The place one line of a stack names, e.g. `    at clean (/project/flow.ts:12:5)`. */
export function locateFrame(frame: string): SourceLocation | undefined {
  const match = FRAME.exec(frame);
  const [, place = '', line, column] = match ?? [];
  if (place === '' || /^(node:|native|<anonymous>)/.test(place)) return undefined;
  const file = place.startsWith('file:') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place;
  return { file, line: Number(line), column: Number(column) };
}

/** Where varve's own code lies, which is never at fault for a step's error. */
const ENGINE = dirname(fileURLToPath(import.meta.url));

/** The innermost frame of a stack that lies in the user's own files; `undefined` when none does. */
export function locateStack(stack: string | undefined): SourceLocation | undefined {
  for (const line of stack?.split('\n') ?? []) {
    if (!/^\s*at /.test(line)) continue;
    const location = locateFrame(line.replace(/^(\s*at )async /, '$1'));
    if (location && isUsers(location.file)) return location;
  }
  return undefined;
}

/** Compiled files stand in stacks when a frame has no place in the source; they mean nothing to people. */
function isUsers(file: string): boolean {
  return !file.includes(`${sep}node_modules${sep}`) && !file.includes(`${sep}.varve${sep}`) && !file.startsWith(ENGINE);
}
