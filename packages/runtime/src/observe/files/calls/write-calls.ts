import { dirname, join, resolve } from 'node:path';
import { lstatNow, readlinkSync } from '../../shared/originals.ts';
import { type Found, walk } from '../facts/listings.ts';
import type { Place } from '../facts/places.ts';
import { kindsToken } from '../facts/tokens.ts';
import type { SeenFiles } from '../seen-files.ts';
import { isOpenFile, useOpen } from './open-files.ts';
import type { After, Call } from './wrap.ts';

/** Calls that change the file system. What is appended to a file does not depend on what was there: it is no read. */
export const WRITE_CALLS: Readonly<Record<string, Call>> = {
  writeFile: changing((seen, place) => seen.written.add(place)),
  appendFile: { ...changing((seen, place) => seen.written.add(place)), isComposed: true },
  truncate: { ...changing((seen, place) => seen.written.add(place)), isComposed: true },
  unlink: changing((seen, place) => seen.written.add(place)),
  rmdir: { ...changing((seen, place) => seen.written.addFolder(place)), isComposed: true },
  rm: { ...changing((seen, place) => seen.written.addFolder(place)), isComposed: true },
  mkdir: { watch: (seen, [path, options]) => watchMkdir(seen, path, options) },
  mkdtemp: { watch: (seen) => (error, path) => noteTemporary(seen, error, path) },
  mkdtempDisposable: { watch: (seen) => (error, made) => noteTemporary(seen, error, pathIn(made)) },
  symlink: { watch: (seen, [, path]) => change(seen, [seen.place(path)], (place) => seen.written.addLink(place)) },
  link: { watch: (seen, [from, to]) => watchLink(seen, from, to) },
  copyFile: { watch: (seen, [from, to]) => watchCopy(seen, from, to) },
  cp: { watch: (seen, [from, to]) => watchCopyAll(seen, from, to), isComposed: true },
  rename: { watch: (seen, [from, to]) => watchRename(seen, from, to) },
};

/** Calls that change what a file's stamp is made of, but nothing that counts: what was read before is hashed in time. */
export const TOUCH_CALLS: Readonly<Record<string, Call>> = Object.fromEntries(
  ['chmod', 'lchmod', 'chown', 'lchown', 'utimes', 'lutimes'].map((name) => [name, { watch: watchTouch }]),
);

function watchTouch(seen: SeenFiles, [path]: readonly unknown[]): undefined {
  const place = seen.place(path);
  if (place) seen.settle(place);
}

type Note = (seen: SeenFiles, place: Place) => void;

function changing(note: Note): Call {
  return {
    watch: (seen, [file]) => {
      if (isOpenFile(file)) useOpen(seen, file);
      return change(seen, [seen.place(file)], (place) => note(seen, place));
    },
  };
}

/** What was read at these places counts as it was before; `note` is called for the last one when the change is made. */
function change(
  seen: SeenFiles,
  places: readonly (Place | undefined)[],
  note: (place: Place, result: unknown) => void,
): After | undefined {
  const counted = places.filter((place) => place !== undefined);
  for (const place of counted) seen.settle(place);
  if (counted.length === 0) return undefined;
  const target = places.at(-1);
  return (error, result) => {
    if (error === undefined) return target && note(target, result);
    for (const place of counted) seen.refusal(place, error);
  };
}

function watchMkdir(seen: SeenFiles, path: unknown, options: unknown): After | undefined {
  const { recursive = false } = (typeof options === 'object' && options !== null ? options : {}) as {
    readonly recursive?: boolean;
  };
  return change(seen, [seen.place(path)], (place, first) => {
    if (!recursive) seen.written.addFolder(place);
    else noteMade(seen, place, first);
  });
}

/** With those above it, `mkdir` returns the first folder that it made: `undefined` when all were there. */
function noteMade(seen: SeenFiles, place: Place, first: unknown): void {
  if (typeof first !== 'string') return seen.written.expect(place);
  const top = resolve(first);
  for (let path = place.path; path.startsWith(top); path = dirname(path)) {
    const made = seen.placeAt(path);
    if (made) seen.written.addFolder(made);
  }
}

function noteTemporary(seen: SeenFiles, error: unknown, path: unknown): void {
  const place = error === undefined ? seen.place(path) : undefined;
  if (place) seen.written.addFolder(place);
}

function pathIn(made: unknown): unknown {
  return (made as { readonly path?: unknown } | undefined)?.path;
}

function watchCopy(seen: SeenFiles, from: unknown, to: unknown): After | undefined {
  const source = seen.place(from);
  const target = seen.place(to);
  if (source) seen.open(source);
  return change(seen, [target], (place) => seen.written.add(place));
}

/** The file that gets one more name gets another stamp with it. */
function watchLink(seen: SeenFiles, from: unknown, to: unknown): After | undefined {
  const source = seen.place(from);
  const target = seen.place(to);
  if (source) seen.content(source);
  return change(seen, [target], (place) => seen.written.add(place));
}

function watchCopyAll(seen: SeenFiles, from: unknown, to: unknown): After | undefined {
  const source = seen.place(from);
  const target = seen.place(to);
  const found = below(source?.path ?? String(from));
  if (source) noteSource(seen, source, found);
  return change(seen, [target], (place) => noteCopies(seen, place, found));
}

function watchRename(seen: SeenFiles, from: unknown, to: unknown): After | undefined {
  const source = seen.place(from);
  const target = seen.place(to);
  return change(seen, [source, target], () => {
    if (source) seen.written.addFolder(source);
    if (target) noteMoved(seen, target);
  });
}

/** What is copied with a folder: its tree, and each file in it. */
function noteSource(seen: SeenFiles, source: Place, found: readonly Found[]): void {
  if (found.length === 0) return seen.open(source);
  seen.listing('tree', source, kindsToken(found));
  for (const [name, kind] of found) {
    const place = kind === 'dir' ? undefined : seen.placeAt(join(source.path, name), source);
    if (place === undefined) continue;
    if (kind === 'link') seen.fact('link', place, seen.linkToken(readlinkSync(place.path)));
    seen.open(place);
  }
}

/** The folders may have been there before, with more in them. */
function noteCopies(seen: SeenFiles, target: Place, found: readonly Found[]): void {
  if (found.length === 0) return seen.written.add(target);
  seen.written.expect(target);
  for (const [name, kind] of found) {
    const place = seen.placeAt(join(target.path, name));
    if (place === undefined) continue;
    if (kind === 'dir') seen.written.expect(place);
    else seen.written.add(place);
  }
}

function noteMoved(seen: SeenFiles, target: Place): void {
  seen.written.addFolder(target);
  for (const [name] of below(target.path)) {
    const place = seen.placeAt(join(target.path, name));
    if (place) seen.written.add(place);
  }
}

/** Nothing for a file, and for what is not there. */
function below(path: string): readonly Found[] {
  return lstatNow(path)?.isDirectory() ? walk(path) : [];
}
