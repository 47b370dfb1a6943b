import type { Digest, Reference } from '../../contract/index.ts';
import { isDigest, isLoss } from '../../store/index.ts';
import { currentScope } from '../scope/capture.ts';

/** Larger values are fetched only when they are read. Bytes. */
const SINGLE_MAX = 64 * 1024;
/** The same for those that will probably be read: fetching one ahead must not hold up the others for long. */
const EXPECTED_MAX = 4 * 1024 * 1024;
/** Most bytes and most values that are fetched along with one value. */
const WINDOW_BYTES = 8 * 1024 * 1024;
export const WINDOW_COUNT = 4096;
/** Factor by which each miss enlarges the window. */
const GROWTH = 8;

/** With more lost values than this, each value is fetched alone. */
const LOST_MAX = 3;

/**
 * Values that are likely to be read one after the other. The first miss fetches one value, each further miss more of them:
 * a thousand values cost a handful of round trips, a single one costs no more than itself. The idea is the read-ahead of
 * operating systems.
 */
export class ReadAhead {
  private known: ReadonlyMap<string, number> | undefined;
  private readonly lost = new Set<Digest>();
  private alone = false;

  /** `window`: number of values that are fetched along with the first miss. */
  constructor(
    private readonly references: readonly Reference[],
    private window = 0,
    /** All of them will probably be read, in whatever order, large ones too. */
    private readonly expected = false,
  ) {}

  has(reference: Reference): boolean {
    return this.positions.has(keyOf(reference));
  }

  /** Made late: most tasks find all they read in the memory of their worker. */
  private get positions(): ReadonlyMap<string, number> {
    this.known ??= firstPositions(this.references);
    return this.known;
  }

  /** Values to fetch along with a missing one, without those that are there already according to `has`. */
  batchFor(missing: Reference, has: (key: string) => boolean): Reference[] {
    const first = this.positions.get(keyOf(missing));
    const most = this.window;
    this.window = Math.min(WINDOW_COUNT, Math.max(1, this.window) * GROWTH);
    if (first === undefined || this.alone) return [];
    const batch = new Map<string, Reference>();
    let bytes = 0;
    for (const reference of this.after(first)) {
      if (batch.size === most) break;
      const key = keyOf(reference);
      if (this.isLeftOut(reference) || batch.has(key) || has(key)) continue;
      bytes += reference.size;
      if (bytes > WINDOW_BYTES) break;
      batch.set(key, reference);
    }
    batch.delete(keyOf(missing));
    return [...batch.values()];
  }

  private *after(position: number): Generator<Reference> {
    yield* this.references.slice(position + 1);
    if (this.expected) yield* this.references.slice(0, position);
  }

  private isLeftOut({ size, digest }: Reference): boolean {
    return size > (this.expected ? EXPECTED_MAX : SINGLE_MAX) || this.lost.has(digest);
  }

  /** Notes a value that could not be fetched along; `undefined` when the error does not name it. */
  leaveOut(digest: Digest | undefined): void {
    if (digest !== undefined) this.lost.add(digest);
    this.alone = digest === undefined || this.lost.size > LOST_MAX;
  }
}

function firstPositions(references: readonly Reference[]): Map<string, number> {
  const positions = new Map<string, number>();
  for (const [i, reference] of references.entries()) {
    const key = keyOf(reference);
    if (!positions.has(key)) positions.set(key, i);
  }
  return positions;
}

/** Contains the codec: the same bytes are another value under another one. */
export function keyOf(reference: Reference): string {
  return `${reference.codec}\n${reference.digest}`;
}

/** The digest of the missing or damaged bytes that an error is about, if it is about any. */
export function lostDigest(error: unknown): Digest | undefined {
  if (!isLoss(error)) return undefined;
  const { digest } = error as { readonly digest?: unknown };
  return isDigest(digest) ? digest : undefined;
}

/**
 * Reads an input for the running attempt. When that fails the attempt fails too, even if the step catches the error: a
 * result made without the inputs must not count. `artifact`: the stored artifact; for a file of a folder, the folder.
 */
export function reading<T>(artifact: Digest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}

/** The same for an asynchronous read. */
export async function readingLater<T>(artifact: Digest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}
