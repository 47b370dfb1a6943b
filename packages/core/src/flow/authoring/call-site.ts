import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../../contract/index.ts';

/** The caller of a function as one raw stack frame: only formatting it costs time. */
export interface CallSite {
  readonly stack?: string;
}

const FRAME = /^\s*at (?:.*\()?(.+?):(\d+):(\d+)\)?$/;

/** Captures the caller of `callee`. The frame is formatted, and source-mapped, when it is first read. */
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

/** The place in one line of a stack, e.g. `    at clean (/project/flow.ts:12:5)`. */
export function locateFrame(frame: string): SourceLocation | undefined {
  const match = FRAME.exec(frame);
  const [, place = '', line, column] = match ?? [];
  if (place === '' || /^(node:|native|<anonymous>)/.test(place)) return undefined;
  const file = place.startsWith('file:') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place;
  return { file, line: Number(line), column: Number(column) };
}

/** Folder of varve's own code, which is never the place of a step's error. */
const ENGINE = dirname(fileURLToPath(import.meta.url));
/** The packages of varve, where it runs from its own repository. */
const PACKAGES = ENGINE.includes(`${sep}node_modules${sep}`) ? undefined : dirname(dirname(ENGINE)) + sep;

function isOwn(file: string): boolean {
  if (file.startsWith(ENGINE)) return true;
  return PACKAGES !== undefined && file.startsWith(PACKAGES) && file.slice(PACKAGES.length).split(sep)[1] === 'dist';
}

/** The innermost frame of a stack that lies in the user's own files; `undefined` when none does. */
export function locateStack(stack: string | undefined): SourceLocation | undefined {
  for (const line of stack?.split('\n') ?? []) {
    if (!/^\s*at /.test(line)) continue;
    const location = locateFrame(line.replace(/^(\s*at )async /, '$1'));
    if (location && isUsers(location.file)) return location;
  }
  return undefined;
}

/** A frame without a place in the source names the compiled file, which means nothing to people. */
function isUsers(file: string): boolean {
  return !file.includes(`${sep}node_modules${sep}`) && !file.includes(`${sep}.varve${sep}`) && !isOwn(file);
}
