import { type Datastore, type Reference, StoreError, VarveError } from '@varve/core/contract';
import {
  type ArtifactStore,
  blobKey,
  DIR_CODEC,
  decodeManifest,
  FILE_CODEC,
  joinBytes,
  readObject,
} from '@varve/core/internal';

/** State of the bytes of a reference: `unknown` when its hasher is not installed. */
export type ObjectState = 'good' | 'missing' | 'damaged' | 'unknown';

/** Checks that the bytes of references exist and match their digests. Reads each object once and changes nothing. */
export class ObjectCheck {
  private readonly known = new Map<string, ObjectState>();
  /** By key, the blobs whose bytes do not match their digest. */
  readonly damaged = new Map<string, Reference>();
  /** Number of bytes checked. */
  bytes = 0;

  constructor(
    private readonly store: Datastore,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** A check of the same store that knows nothing yet. */
  anew(): ObjectCheck {
    return new ObjectCheck(this.store, this.artifacts);
  }

  /** Number of distinct objects, or parts of one, that were checked. */
  get count(): number {
    return this.known.size;
  }

  /** Checks references. Those in one object are read in one request. */
  async check(references: readonly Reference[]): Promise<void> {
    const fresh = new Map(references.map((reference) => [placeOf(reference), reference]));
    for (const place of fresh.keys()) if (this.known.has(place)) fresh.delete(place);
    const inBatches = new Map<string, Reference[]>();
    const own: Reference[] = [];
    for (const reference of fresh.values()) {
      if (!reference.at) own.push(reference);
      else inBatches.set(reference.at.object, [...(inBatches.get(reference.at.object) ?? []), reference]);
    }
    await Promise.all([
      ...own.map((reference) => this.checkBlob(reference)),
      ...[...inBatches].map(([object, inside]) => this.checkBatch(object, inside)),
    ]);
  }

  /** The state found by `check`; a folder has that of its worst file. */
  stateOf(reference: Reference): ObjectState {
    return this.known.get(placeOf(reference)) ?? 'unknown';
  }

  /** True when the store has a sound copy of a damaged blob nearer. */
  async hasSoundCopy(reference: Reference): Promise<boolean> {
    const options = { size: reference.size };
    return (await this.judge(reference, () => this.store.get(blobKey(reference.digest), options))) === 'good';
  }

  /** True when a copy has taken the place of a damaged blob that was removed: a store does that when it is asked for it. */
  async isSoundAgain(reference: Reference): Promise<boolean> {
    const key = blobKey(reference.digest);
    if (!(await this.store.stat(key, { size: reference.size }))) return false;
    const open = () => this.store.get(key, { uncached: true, size: reference.size });
    return (await this.judge(reference, open)) === 'good';
  }

  private async checkBlob(reference: Reference): Promise<void> {
    const options = { uncached: true, size: reference.size };
    const state = await this.judge(reference, () => this.store.get(blobKey(reference.digest), options));
    this.known.set(placeOf(reference), state);
    if (state === 'damaged') this.damaged.set(blobKey(reference.digest), reference);
    if (state === 'good' && reference.codec === DIR_CODEC) await this.checkFolder(reference, blobKey(reference.digest));
  }

  private async checkBatch(object: string, references: readonly Reference[]): Promise<void> {
    const places = references.map(({ at }) => ({ start: at?.offset ?? 0, end: (at?.offset ?? 0) + (at?.length ?? 0) }));
    const start = places.reduce((least, place) => Math.min(least, place.start), Number.POSITIVE_INFINITY);
    const end = places.reduce((most, place) => Math.max(most, place.end), 0);
    const ranged = this.store.capabilities.rangeRead;
    const bytes = await readObject(this.store, object, ranged && end > start ? { range: { start, end } } : {});
    for (const [i, reference] of references.entries()) {
      const { start: from = 0, end: to = 0 } = places[i] ?? {};
      const shift = ranged && end > start ? start : 0;
      const own = bytes?.subarray(from - shift, to - shift);
      this.known.set(placeOf(reference), own ? await this.judge(reference, async () => once(own)) : 'missing');
      if (own && reference.codec === DIR_CODEC && this.stateOf(reference) === 'good')
        await this.checkFiles(reference, own);
    }
  }

  private async judge(reference: Reference, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<ObjectState> {
    try {
      this.bytes += reference.size;
      return (await this.artifacts.matches(reference, await open())) ? 'good' : 'damaged';
    } catch (error) {
      if (StoreError.is(error, 'not-found')) return 'missing';
      if (VarveError.is(error, 'VARVE_UNKNOWN_HASHER')) return 'unknown';
      throw error;
    }
  }

  private async checkFolder(folder: Reference, object: string): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.store.get(object)) chunks.push(chunk);
    await this.checkFiles(folder, joinBytes(chunks));
  }

  private async checkFiles(folder: Reference, manifest: Uint8Array): Promise<void> {
    const files = decodeManifest(manifest).map(({ digest, size }) => ({ digest, size, codec: FILE_CODEC }));
    await this.check(files);
    const worst = (['missing', 'damaged', 'unknown'] as const).find((bad) =>
      files.some((file) => this.stateOf(file) === bad),
    );
    if (worst) this.known.set(placeOf(folder), worst);
  }
}

function placeOf({ digest, at }: Reference): string {
  return at ? `${digest} ${at.object} ${at.offset}` : digest;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
