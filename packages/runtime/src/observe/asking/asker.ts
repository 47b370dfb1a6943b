import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ObserveOptions } from '../options.ts';
import { portableName } from '../shared/portable.ts';
import { type Owner, ownerOf, pathOf } from './owner.ts';

/** Who called an observed function. */
export interface Asker {
  /** `none` when there is nothing but Node on the stack. */
  readonly kind: 'user' | 'package' | 'varve' | 'none';
  readonly package?: string;
  /** The file of its code, as the stack names it. */
  readonly file?: string;
  /** Modules of Node between the observed function and the asker, the caller first: Node called on the asker's behalf. */
  readonly through: readonly string[];
}

/** A place in the user's code. */
export interface Place {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly line: number;
}

export type Roots = Pick<ObserveOptions, 'root' | 'own'>;

/** Any function: it is never called. */
type Callee = (...values: never[]) => unknown;

/** Frames that nearly always hold the asker: the cost of a stack grows with its frames. */
const FEW = 6;
const MANY = 60;

/** The nearest code on the stack that is not Node's. `callee`: the observed function; frames above it are left out. */
export function findAsker(callee: Callee, roots: Roots): Asker {
  const few = captureFrames(callee, FEW);
  const found = nearest(few, roots);
  return found.kind === 'none' && few.length === FEW ? nearest(captureFrames(callee, MANY), roots) : found;
}

/** As `findAsker`, past code of varve's own: for observers that no longer have the observed function at hand. */
export function findForeignAsker(callee: Callee, roots: Roots): Asker {
  return nearest(captureFrames(callee, MANY), roots, true);
}

/** The nearest place in the user's own code, source-mapped; `undefined` when there is none on the stack. */
export function findPlace(callee: Callee, roots: Roots): Place | undefined {
  for (const frame of captureFrames(callee, MANY)) {
    const name = frame.getFileName();
    if (ownerOf(name, roots)?.kind === 'user') return placeOf(frame, name as string, roots.root);
  }
  return undefined;
}

/** Name of the function of `module` that was called first: the outermost of the module's frames. */
export function findEntry(callee: Callee, module: string): string | undefined {
  const frames = captureFrames(callee, MANY);
  const first = frames.findIndex((frame) => frame.getFileName() === module);
  if (first < 0) return undefined;
  let entry: string | undefined;
  for (const frame of frames.slice(first)) {
    if (frame.getFileName() !== module) break;
    entry = frame.getFunctionName() || entry;
  }
  return entry;
}

/** True when a function of `module` is on the stack. */
export function isWithin(callee: Callee, module: string): boolean {
  return captureFrames(callee, MANY).some((frame) => frame.getFileName() === module);
}

function nearest(frames: readonly NodeJS.CallSite[], roots: Roots, isForeign = false): Asker {
  const through: string[] = [];
  for (const frame of frames) {
    const file = frame.getFileName() ?? '';
    const owner: Owner = ownerOf(file, roots);
    if (owner === undefined || (isForeign && owner.kind === 'varve')) continue;
    if (owner.kind === 'node') through.push(file);
    else return { kind: owner.kind, file, through, ...(owner.kind === 'package' && { package: owner.name }) };
  }
  return { kind: 'none', through };
}

/** Structured frames, whatever formats stacks otherwise. */
function captureFrames(callee: Callee, limit: number): readonly NodeJS.CallSite[] {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_, frames) => frames;
    Error.stackTraceLimit = limit;
    Error.captureStackTrace(holder, callee);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } catch {
    // `Error` is frozen: nobody can be named.
    return [];
  } finally {
    if (before) Object.defineProperty(Error, 'prepareStackTrace', before);
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function placeOf(frame: NodeJS.CallSite, name: string, root: string): Place | undefined {
  const [line, column] = [frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1];
  const mapped = findSourceMap(name)?.findEntry(line - 1, column - 1);
  const isMapped = mapped !== undefined && 'originalSource' in mapped && mapped.originalSource !== undefined;
  const source = isMapped ? mapped.originalSource : name;
  const file = source.startsWith('file:') ? fileURLToPath(source) : pathOf(source);
  if (file === undefined) return undefined;
  return { file: portableName(root, file), line: isMapped ? mapped.originalLine + 1 : line };
}
