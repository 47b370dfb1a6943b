import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, FP_VERSION } from '../format.ts';

/** Plain data by key, one file each, with a copy in memory. */
export class DiskCache<T> {
  readonly #known = new Map<string, T>();

  constructor(
    readonly name: string,
    /** Without a folder the values stay in memory alone. */
    readonly folder: string | undefined,
  ) {}

  get(key: string): T | undefined {
    const known = this.#known.get(key);
    const file = known === undefined ? this.#file(key) : undefined;
    const text = file === undefined ? undefined : readChecked(file);
    if (text !== undefined) this.#known.set(key, JSON.parse(text) as T);
    return this.#known.get(key);
  }

  put(key: string, value: T): void {
    this.#known.set(key, value);
    const file = this.#file(key);
    if (file !== undefined) writeChecked(file, JSON.stringify(value));
  }

  #file(key: string): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, `${this.name}-${FP_VERSION}-${key}.json`);
  }
}

/** The text of a file that `writeChecked` wrote; `undefined` if it is missing or damaged. */
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

/** Replaces a file atomically. Never throws: a cache that cannot be written only costs time. */
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
    // The draft was never written, or cannot be removed: it is never read.
  }
}
