import { join } from 'node:path';
import { FP_VERSION } from '../format.ts';
import { readChecked, writeChecked } from './checked-file.ts';

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
