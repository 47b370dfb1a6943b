import { digestOf } from '../../shared/tokens.ts';
import type { Place } from '../facts/places.ts';
import { codeOf, isState } from '../facts/tokens.ts';
import type { SeenFiles } from '../seen-files.ts';
import { isOpenFile, useOpen, watchOpen, watchUncounted } from './open-files.ts';
import type { After, Call } from './wrap.ts';

/** Calls that hand the content of files to the code that makes them. */
export const CONTENT_CALLS: Readonly<Record<string, Call>> = {
  readFile: { watch: (seen, [file, options]) => watchReadFile(seen, file, options) },
  open: {
    watch: (seen, [path, flags]) =>
      at(seen, path, (place) => watchOpen(seen, place, textOrNumber(flags))) ?? watchUncounted(seen),
  },
  openAsBlob: { watch: (seen, [path]) => at(seen, path, (place) => watchBlob(seen, place)) },
};

function at(seen: SeenFiles, path: unknown, watch: (place: Place) => After | undefined): After | undefined {
  const place = seen.place(path);
  return place && watch(place);
}

/** `open(path, callback)` has no flags. */
function textOrNumber(flags: unknown): unknown {
  return typeof flags === 'function' ? undefined : flags;
}

function watchReadFile(seen: SeenFiles, file: unknown, options: unknown): After | undefined {
  if (isOpenFile(file)) useOpen(seen, file, true);
  const place = seen.place(file);
  if (place === undefined || seen.isOwn(place)) return undefined;
  const { flag, encoding } = settingsOf(options);
  if (typeof flag === 'string' && !flag.startsWith('r')) return watchOpen(seen, place, flag);
  return (error, result) => {
    if (error !== undefined) return failed(seen, place, error);
    const token = place.isUnread ? undefined : contentToken(result, encoding);
    if (token === undefined) seen.open(place);
    else seen.fact('file', place, token);
  };
}

/** A failure of `openAsBlob` never tells its reason, so that what is there is looked at whether it succeeds or not. */
function watchBlob(seen: SeenFiles, place: Place): After {
  return () => seen.open(place);
}

/** A call that was stopped, or found the file too large, says nothing of it: its content counts all the same. */
function failed(seen: SeenFiles, place: Place, error: unknown): void {
  if (isState(error)) seen.failure('file', place, error);
  else if (!codeOf(error)?.startsWith('ERR_INVALID')) seen.open(place);
}

function settingsOf(options: unknown): { readonly flag?: unknown; readonly encoding?: unknown } {
  if (typeof options === 'string') return { encoding: options };
  return typeof options === 'object' && options !== null ? options : {};
}

/** `undefined` when the bytes of the file cannot be told from what was returned. */
function contentToken(content: unknown, encoding: unknown): string | undefined {
  if (content instanceof Uint8Array) return digestOf(content);
  if (typeof content !== 'string') return undefined;
  const name = String(encoding).toLowerCase();
  if (name === 'utf8' || name === 'utf-8') return content.includes('\uFFFD') ? undefined : digestOf(content);
  return REVERSIBLE.has(name) ? digestOf(Buffer.from(content, name as BufferEncoding)) : undefined;
}

const REVERSIBLE = new Set(['latin1', 'binary', 'hex', 'base64', 'base64url']);
