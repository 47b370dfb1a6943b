import { createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Datastore, type GetOptions, type ObjectInfo, StoreError } from '@varve/core/contract';
import type { Blob } from './blob.ts';
import { type Copies, cutRange, type Range } from './copies.ts';
import { nodeDisk } from './disk.ts';
import { Draft } from './draft.ts';
import type { Faults } from './faults.ts';
import { WHOLE_MAX } from './verified-file.ts';

/** Apart from the store's own blobs: a store named by mistake loses nothing. */
const PREFIX = 'copies/';
/** Parts of `maxBytes`: of what is written between two sweeps, and of what a sweep leaves. */
const STEP = 1 / 16;
const LOW = 7 / 8;

export interface StoreCopiesOptions {
  readonly store: Datastore;
  /** Most bytes of all copies. */
  readonly maxBytes: number;
  readonly faults: Faults;
}

/**
 * Copies as objects of another store. A store cannot tell when an object was last read, so those that were written first
 * go first.
 */
export class StoreCopies implements Copies {
  readonly folders: readonly string[];
  readonly #store: Datastore;
  /** What was checked, by key: size and time of the last write. */
  readonly #good = new Map<string, string>();
  #spool: string | undefined;
  #count = 0;
  /** Bytes until the next sweep. The first one comes with the first copy: nobody knows what is there. */
  #untilSweep = 0;
  #sweep: Promise<void> | undefined;

  constructor(private readonly options: StoreCopiesOptions) {
    this.#store = options.store;
    this.folders = options.store.folders ?? [];
  }

  async read(blob: Blob, { range, signal }: Pick<GetOptions, 'range' | 'signal'>) {
    const options = signal ? { signal } : {};
    try {
      const info = await this.#store.stat(keyOf(blob), options);
      if (info === undefined) return undefined;
      if (info.size <= WHOLE_MAX) return cutOf(await this.#whole(blob, options), range);
      if (!(await this.#check(blob, info, options))) return undefined;
      const cut = cutRange(range, info.size);
      return cut && (await this.#store.get(keyOf(blob), { ...options, size: info.size, ...(range && { range: cut }) }));
    } catch (error) {
      signal?.throwIfAborted();
      return this.#fault(error);
    }
  }

  readSync(blob: Blob, range: Range | undefined): Uint8Array | undefined {
    try {
      const bytes = this.#store.getSync?.(keyOf(blob));
      if (bytes === undefined) return undefined;
      if (!isOf(blob, bytes)) {
        void this.remove(blob);
        return undefined;
      }
      const cut = cutRange(range, bytes.length);
      return cut && bytes.subarray(cut.start, cut.end);
    } catch (error) {
      return this.#fault(error);
    }
  }

  /** Asking would cost a call for each write. */
  has(): boolean {
    return false;
  }

  async size(blob: Blob): Promise<number | undefined> {
    try {
      return (await this.#store.stat(keyOf(blob)))?.size;
    } catch (error) {
      return this.#fault(error);
    }
  }

  draft(blob: Blob): Draft | undefined {
    try {
      this.#spool ??= mkdtempSync(join(tmpdir(), 'varve-tiered-'));
      this.#count += 1;
      const path = join(this.#spool, String(this.#count));
      const fd = openSync(path, 'wx+');
      const maxBytes = Math.floor(this.options.maxBytes / 2);
      const publish = (size: number) => this.#publish(path, blob, size);
      const onFault = (error: unknown) => this.#fault(error);
      return new Draft(blob, { disk: nodeDisk, path, fd, maxBytes, publish, onFault });
    } catch (error) {
      return this.#fault(error);
    }
  }

  doubt(blob: Blob): void {
    this.#good.delete(blob.key);
  }

  async remove(blob: Blob): Promise<void> {
    this.doubt(blob);
    await this.#store.delete(keyOf(blob)).catch((error: unknown) => this.#fault(error));
  }

  async close(): Promise<void> {
    await this.#sweep;
    if (this.#spool !== undefined) rmSync(this.#spool, { recursive: true, force: true });
    this.#spool = undefined;
    await this.#store.close?.();
  }

  async #whole(blob: Blob, options: GetOptions): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.#store.get(keyOf(blob), options)) chunks.push(chunk);
    const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    if (isOf(blob, bytes)) return bytes;
    await this.remove(blob);
    return undefined;
  }

  async #check(blob: Blob, { size, modifiedAt }: ObjectInfo, options: GetOptions): Promise<boolean> {
    const stamp = `${size} ${modifiedAt}`;
    if (this.#good.get(blob.key) === stamp) return true;
    const hash = blob.hash();
    for await (const chunk of await this.#store.get(keyOf(blob), { ...options, size })) hash.update(chunk);
    const isGood = hash.digest() === blob.hex;
    if (isGood) this.#good.set(blob.key, stamp);
    else await this.remove(blob);
    return isGood;
  }

  async #publish(path: string, blob: Blob, size: number): Promise<void> {
    await this.#store.put(keyOf(blob), { size, open: () => createReadStream(path) });
    rmSync(path, { force: true });
    this.#untilSweep -= size;
    if (this.#untilSweep > 0) return;
    this.#untilSweep = this.options.maxBytes * STEP;
    this.#sweep ??= this.#run().finally(() => {
      this.#sweep = undefined;
    });
  }

  async #run(): Promise<void> {
    const { maxBytes } = this.options;
    try {
      const copies: ObjectInfo[] = [];
      for await (const info of this.#store.list(PREFIX)) copies.push(info);
      let left = copies.reduce((sum, { size }) => sum + size, 0);
      for (const { key, size } of copies.sort((a, b) => a.modifiedAt - b.modifiedAt)) {
        if (left <= maxBytes * LOW) break;
        await this.#store.delete(key);
        left -= size;
      }
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Nothing is wrong with a copy that is not there. */
  #fault(error: unknown): undefined {
    if (!StoreError.is(error, 'not-found')) this.options.faults.note(error);
    return undefined;
  }
}

/** `sha256/9f/9f86…` under `copies/`. */
function keyOf(blob: Blob): string {
  return `${PREFIX}${blob.path}`;
}

function isOf(blob: Blob, bytes: Uint8Array): boolean {
  const hash = blob.hash();
  hash.update(bytes);
  return hash.digest() === blob.hex;
}

function cutOf(bytes: Uint8Array | undefined, range: Range | undefined): AsyncIterable<Uint8Array> | undefined {
  const cut = bytes && cutRange(range, bytes.length);
  if (bytes === undefined || cut === undefined) return undefined;
  return (async function* () {
    if (cut.end > cut.start) yield bytes.subarray(cut.start, cut.end);
  })();
}
