import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { AmbientInputs } from '@varve/core/internal';
import { type AnyFunction, disguise, watchMethod } from '../../shared/disguise.ts';
import type { Place } from '../facts/places.ts';
import { currentSeen } from '../observer.ts';
import type { SeenFiles } from '../seen-files.ts';
import { type Access, parseFlags } from './flags.ts';
import type { Call, Watch } from './wrap.ts';

/** An open file: who opened it, and what it is. */
interface OpenFile {
  /** `undefined` for one that does not count. */
  readonly place: Place | undefined;
  readonly access: Access;
  readonly inputs: AmbientInputs;
}

/** By descriptor. */
const descriptors = new Map<number, OpenFile>();
/** By `FileHandle`. */
const handles = new WeakMap<object, OpenFile>();

/**
 * Notes that a file is used that another task, or the load, has opened. `argument`: a descriptor or a `FileHandle`. `isRead`:
 * its content is read, so that a descriptor counts although nobody has seen it opened, e.g. that of standard input.
 */
export function useOpen(seen: SeenFiles, argument: unknown, isRead = false): void {
  const file = typeof argument === 'number' ? descriptors.get(argument) : handles.get(argument as object);
  if (file === undefined && isRead && typeof argument === 'number') seen.useDescriptor(argument);
  if (file?.place === undefined || file.inputs === seen.inputs) return;
  if (file.access.reads) seen.open(file.place);
  if (file.access.writes) seen.written.add(file.place);
}

/** True for arguments that name an open file, not a path. */
export function isOpenFile(argument: unknown): boolean {
  return typeof argument === 'number' || (typeof argument === 'object' && argument !== null && handles.has(argument));
}

/** The calls on open files. */
export const DESCRIPTOR_CALLS: Readonly<Record<string, Call>> = Object.fromEntries(
  ['read', 'readv', 'fstat', 'write', 'writev', 'ftruncate'].map((name) => [
    name,
    { watch: watchUse(/^readv?$/.test(name)) },
  ]),
);

/** Remembers the opening of a file that does not count. */
export function watchUncounted(seen: SeenFiles): ReturnType<Watch> {
  return (_, result) => remember(result, { place: undefined, access: parseFlags('r'), inputs: seen.inputs });
}

/** Watches the opening of a file with these flags. */
export function watchOpen(seen: SeenFiles, place: Place, flags: unknown): ReturnType<Watch> {
  const access = parseFlags(flags);
  if (access.writes) {
    if (access.reads && !isTruncating(flags)) seen.content(place);
    seen.settle(place);
  }
  return (error, result) => {
    if (error !== undefined) return access.writes ? seen.refusal(place, error) : seen.failure('file', place, error);
    if (access.writes) seen.written.add(place);
    else seen.open(place);
    remember(result, { place, access, inputs: seen.inputs });
  };
}

function remember(result: unknown, file: OpenFile): void {
  if (typeof result === 'number') descriptors.set(result, file);
  else if (typeof result === 'object' && result !== null) rememberHandle(result, file);
}

/** Wraps `close` and `closeSync`: a descriptor may stand for another file next. Not only in tasks. */
export function wrapClose(original: AnyFunction): AnyFunction {
  const { observed } = {
    observed(this: unknown, ...args: unknown[]) {
      if (descriptors.size > 0) descriptors.delete(args[0] as number);
      return Reflect.apply(original, this, args);
    },
  };
  return disguise(observed, original);
}

function watchUse(isRead: boolean): Watch {
  return (seen, [file]) => {
    useOpen(seen, file, isRead);
    return undefined;
  };
}

function isTruncating(flags: unknown): boolean {
  if (typeof flags === 'string') return flags.startsWith('w');
  return typeof flags === 'number' && (flags & constants.O_TRUNC) !== 0;
}

/** Methods of `FileHandle` that use its file. */
const METHODS = [
  ...['read', 'readv', 'readFile', 'readLines', 'readableWebStream', 'createReadStream', 'stat', 'pull', 'pullSync'],
  ...['write', 'writev', 'writeFile', 'appendFile', 'truncate', 'createWriteStream', 'writer'],
];
const done = new WeakSet<object>();

/** Node shows the class of its handles only through a handle: it is wrapped when the first one is opened. */
function rememberHandle(handle: object, file: OpenFile): void {
  handles.set(handle, file);
  descriptors.set((handle as FileHandle).fd, file);
  const methods = Object.getPrototypeOf(handle) as object;
  if (done.has(methods)) return;
  done.add(methods);
  for (const name of METHODS) watchMethod(methods, name, watchHandle);
  watchMethod(methods, 'close', (_, __, one) => descriptors.delete((one as FileHandle).fd));
}

function watchHandle(_: unknown, __: unknown, handle: unknown): void {
  const seen = currentSeen();
  if (seen) useOpen(seen, handle);
}
