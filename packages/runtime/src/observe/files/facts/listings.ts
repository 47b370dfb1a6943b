import type { Dirent } from 'node:fs';
import { readdir, readdirSync } from '../../shared/originals.ts';
import { type EntryKind, kindOf, kindsToken, namesToken } from './tokens.ts';

/** What is told apart by the kind of a read that lists a folder: names, names with kinds, all paths below with kinds. */
export type Listing = 'dir' | 'kinds' | 'tree';

/** A path below a folder, with `/`, and the kind of what has it. */
export type Found = readonly [string, EntryKind];

/** The token of a folder as it is now. Throws what listing it throws. */
export function listNow(kind: Listing, path: string): string {
  if (kind === 'dir') return namesToken(readdirSync(path));
  return kindsToken(kind === 'kinds' ? entriesOf(readdirSync(path, { withFileTypes: true })) : walk(path));
}

/** The same, without blocking the thread for longer than it takes to list one folder. */
export async function listLater(kind: Listing, path: string): Promise<string> {
  const entries = await readLater(path);
  if (kind === 'dir') return namesToken(entries.map(({ name }) => name));
  if (kind === 'kinds') return kindsToken(entriesOf(entries));
  const found: Found[] = [];
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    add(at, at === '' ? entries : await readLater(`${path}/${at}`), found, waiting);
  return kindsToken(found);
}

/** Everything below a folder. Symbolic links are not followed. */
export function walk(path: string): Found[] {
  const found: Found[] = [];
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    add(at, readdirSync(at === '' ? path : `${path}/${at}`, { withFileTypes: true }), found, waiting);
  return found;
}

export function entriesOf(entries: readonly Dirent[]): Found[] {
  return entries.map((entry) => [entry.name, kindOf(entry)]);
}

function add(at: string, entries: readonly Dirent[], found: Found[], waiting: string[]): void {
  for (const [name, kind] of entriesOf(entries)) {
    const path = at === '' ? name : `${at}/${name}`;
    found.push([path, kind]);
    if (kind === 'dir') waiting.push(path);
  }
}

function readLater(path: string): Promise<Dirent[]> {
  return new Promise((done, fail) =>
    readdir(path, { withFileTypes: true }, (error, entries) => (error ? fail(error) : done(entries))),
  );
}
