import type { CallOptions, Datastore, Location, Reference } from '../../contract/index.ts';
import type { Semaphore } from '../../store-kit/index.ts';
import { type OwnBytes, readObject } from '../objects/body.ts';
import { corruptArtifact, missingArtifact } from './artifact-error.ts';
import type { Verifier } from './verify.ts';

/** Bytes. No commit batch holds a larger artifact: a reference that claims more is damaged. */
const LOCATED_MAX = 64 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;
/** Most blocks fetched by one request. */
const RUN_MAX = 32;

/** Reads artifacts that lie inside commit batches. */
export class BatchBlobReader {
  private readonly blocks: BlockCache;

  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
    semaphore: Semaphore,
    cacheBytes: number,
  ) {
    this.blocks = new BlockCache(store, semaphore, cacheBytes);
  }

  /** Bytes of references that lie in one object. Wrong bytes are read once more, in case only the transfer was at fault. */
  async read(wanted: readonly Reference[], options: CallOptions): Promise<OwnBytes[]> {
    for (const reference of wanted) checkClaim(reference);
    const bytes = await this.fetch(wanted, options);
    for (const [i, reference] of wanted.entries()) {
      const found = this.verifier.mismatch(reference, bytes[i] ?? new Uint8Array(0));
      if (found) bytes[i] = await this.readAgain(reference, options);
    }
    return bytes;
  }

  private async fetch(wanted: readonly Reference[], options: CallOptions): Promise<OwnBytes[]> {
    const object = placeOf(wanted[0]).object;
    const bytes = await this.blocks.read(object, wanted.map(placeOf), options);
    if (!bytes) throw missingArtifact(wanted[0] as Reference, object, this.store.name);
    return bytes;
  }

  private async readAgain(reference: Reference, options: CallOptions): Promise<OwnBytes> {
    const place = placeOf(reference);
    this.blocks.forget(place.object, place);
    const [bytes = new Uint8Array(0)] = await this.fetch([reference], options);
    const found = this.verifier.mismatch(reference, bytes);
    if (!found) return bytes;
    this.blocks.forget(place.object, place);
    throw corruptArtifact(reference, describePlace(place), found);
  }
}

function checkClaim(reference: Reference): void {
  const { object, offset, length } = placeOf(reference);
  const sound =
    length === reference.size && length <= LOCATED_MAX && offset >= 0 && Number.isSafeInteger(offset + length);
  if (!sound) throw corruptArtifact(reference, object, { digest: reference.digest, size: length });
}

function placeOf(reference: Reference | undefined): Location {
  return reference?.at ?? { object: '', offset: 0, length: 0 };
}

function describePlace(place: Location): string {
  return `${place.object}, bytes ${place.offset} to ${place.offset + place.length}`;
}

interface Block {
  /** Resolves to `undefined` when there is no such object. */
  readonly bytes: Promise<Uint8Array | undefined>;
  /** Bytes; 0 until they have arrived. */
  cost: number;
}

/**
 * Reads many small pieces of large objects with few requests: objects are cut into blocks of 256 KiB, neighbouring
 * blocks are fetched together, and the blocks used last stay in memory. Meant for objects that never change. From a store
 * that serves no ranges an object is one block.
 */
class BlockCache {
  private readonly blocks = new Map<string, Block>();
  private held = 0;

  constructor(
    private readonly store: Datastore,
    private readonly semaphore: Semaphore,
    private readonly maxBytes: number,
  ) {}

  /**
   * The bytes at each place, all in one object, each with memory of its own; shorter than asked for where the object
   * ends. `undefined` when there is no such object.
   */
  async read(object: string, places: readonly Location[], options: CallOptions = {}): Promise<OwnBytes[] | undefined> {
    const blocks = this.blocksOf(object, new Set(places.flatMap((place) => this.numbersOf(place))));
    const arrived = new Map<number, Uint8Array>();
    for (const [number, block] of blocks) {
      const bytes = await block.bytes;
      options.signal?.throwIfAborted();
      if (!bytes) return undefined;
      arrived.set(number, bytes);
    }
    return places.map((place) => this.cut(place, arrived));
  }

  /** Drops the blocks of a place, so that the next read asks the store. */
  forget(object: string, place: Location): void {
    for (const number of this.numbersOf(place)) this.drop(`${object}#${number}`);
  }

  private numbersOf(place: Location): number[] {
    if (!this.store.capabilities.rangeRead) return [0];
    const first = Math.floor(place.offset / BLOCK_BYTES);
    const last = Math.max(first, Math.floor((place.offset + place.length - 1) / BLOCK_BYTES));
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }

  private blocksOf(object: string, numbers: ReadonlySet<number>): Map<number, Block> {
    const found = new Map<number, Block>();
    let run: number[] = [];
    const fetchRun = () => {
      if (run.length > 0) for (const [number, block] of this.fetch(object, run)) found.set(number, block);
      run = [];
    };
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const block = this.touch(`${object}#${number}`);
      if (block) found.set(number, block);
      else {
        if (run.length === RUN_MAX || (run.length > 0 && run.at(-1) !== number - 1)) fetchRun();
        run.push(number);
      }
    }
    fetchRun();
    return found;
  }

  private fetch(object: string, run: readonly number[]): [number, Block][] {
    const first = run[0] ?? 0;
    const range = { start: first * BLOCK_BYTES, end: (first + run.length) * BLOCK_BYTES };
    const options = this.store.capabilities.rangeRead ? { range } : {};
    const whole = this.semaphore.pass(() => readObject(this.store, object, options));
    return run.map((number, i) => {
      const cut = (bytes: Uint8Array) =>
        run.length === 1 ? bytes : bytes.slice(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
      const block: Block = { cost: 0, bytes: whole.then((bytes) => bytes && cut(bytes)) };
      this.keep(`${object}#${number}`, block);
      return [number, block];
    });
  }

  private keep(key: string, block: Block): void {
    this.blocks.set(key, block);
    block.bytes.then(
      (bytes) => {
        if (this.blocks.get(key) !== block) return;
        if (!bytes) return this.drop(key);
        block.cost = bytes.byteLength;
        this.held += block.cost;
        this.shrink();
      },
      () => this.drop(key),
    );
  }

  private shrink(): void {
    for (const key of this.blocks.keys()) {
      if (this.held <= this.maxBytes) return;
      this.drop(key);
    }
  }

  private drop(key: string): void {
    const block = this.blocks.get(key);
    if (!block) return;
    this.blocks.delete(key);
    this.held -= block.cost;
  }

  private touch(key: string): Block | undefined {
    const block = this.blocks.get(key);
    if (block) {
      this.blocks.delete(key);
      this.blocks.set(key, block);
    }
    return block;
  }

  private cut(place: Location, blocks: ReadonlyMap<number, Uint8Array>): OwnBytes {
    const bytes = new Uint8Array(place.length);
    let filled = 0;
    for (const number of this.numbersOf(place)) {
      const from = this.store.capabilities.rangeRead ? place.offset + filled - number * BLOCK_BYTES : place.offset;
      const piece = blocks.get(number)?.subarray(from, from + place.length - filled) ?? new Uint8Array(0);
      bytes.set(piece, filled);
      filled += piece.byteLength;
    }
    return filled === place.length ? bytes : bytes.slice(0, filled);
  }
}
