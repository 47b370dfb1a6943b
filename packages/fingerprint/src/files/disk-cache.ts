import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, FP_VERSION } from '../format.ts';

/** Keeps one thing for each place, as plain data, from process to process, or in memory alone. */
export class Shelf<T> {
  readonly #known = new Map<string, T>();

  constructor(
    readonly name: string,
    /** Without a folder things are kept in memory. */
    readonly folder: string | undefined,
  ) {}

  get(place: string): T | undefined {
    const known = this.#known.get(place);
    const file = known === undefined ? this.#file(place) : undefined;
    const text = file === undefined ? undefined : readChecked(file);
    if (text !== undefined) this.#known.set(place, JSON.parse(text) as T);
    return this.#known.get(place);
  }

  put(place: string, thing: T): void {
    this.#known.set(place, thing);
    const file = this.#file(place);
    if (file !== undefined) writeChecked(file, JSON.stringify(thing));
  }

  #file(place: string): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, `${this.name}-${FP_VERSION}-${place}.json`);
  }
}

/** The text of a file that `writeChecked` wrote; nothing if there is none, or it is not what was written. */
export function readChecked(path: string): string | undefined {
  try {
    const content = readFileSync(path, 'utf8');
    const end = content.indexOf('\n');
    const text = content.slice(end + 1);
    return content.slice(0, end) === digestOf(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

let serial = 0;

/** Replaces a file at once. Never throws: what is kept here only saves time. */
export function writeChecked(path: string, text: string): void {
  const draft = `${path}.${process.pid}-${serial++}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${digestOf(text)}\n${text}`);
    renameSync(draft, path);
  } catch {
    discard(draft);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then there is nothing to take away.
  }
}
