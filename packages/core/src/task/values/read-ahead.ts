import type { Digest, Reference } from '../../contract/index.ts';
import { isDigest, isLoss } from '../../store/index.ts';
import { currentScope } from '../scope.ts';

/** Larger values are not worth fetching before they are asked for. Bytes. */
const SINGLE_MAX = 64 * 1024;
/** Most that is fetched along with one value, in bytes and in number. */
const WINDOW_BYTES = 8 * 1024 * 1024;
export const WINDOW_COUNT = 4096;
/** Each value that had to be waited for makes the next window this much larger. */
const GROWTH = 8;

/** So many lost ones are found one by one; with more of them each value is fetched alone. */
const LOST_MAX = 3;

/**
 * Values that are likely to be read one after the other. The first that is missing is fetched alone; whoever misses
 * more gets more with it, so that a thousand values cost a handful of round trips and a single one costs no more than
 * itself. The idea is the read-ahead of operating systems.
 */
export class ReadAhead {
  private known: ReadonlyMap<string, number> | undefined;
  private readonly lost = new Set<Digest>();
  private alone = false;

  /** `window`: how many are fetched along with the first one that is missing. */
  constructor(
    private readonly references: readonly Reference[],
    private window = 0,
  ) {}

  has(reference: Reference): boolean {
    return this.positions.has(keyOf(reference));
  }

  /** Most tasks find all they read in the memory of their worker, and never need it. */
  private get positions(): ReadonlyMap<string, number> {
    this.known ??= firstPositions(this.references);
    return this.known;
  }

  /** Those to fetch along with one that is missing; `has` knows which are there already. */
  batchFor(missing: Reference, has: (key: string) => boolean): Reference[] {
    const first = this.positions.get(keyOf(missing));
    const most = this.window;
    this.window = Math.min(WINDOW_COUNT, Math.max(1, this.window) * GROWTH);
    if (first === undefined || this.alone) return [];
    const along = new Map<string, Reference>();
    let bytes = 0;
    for (let i = first + 1; i < this.references.length && along.size < most; i++) {
      const reference = this.references[i] as Reference;
      const key = keyOf(reference);
      if (reference.size > SINGLE_MAX || this.lost.has(reference.digest) || along.has(key) || has(key)) continue;
      bytes += reference.size;
      if (bytes > WINDOW_BYTES) break;
      along.set(key, reference);
    }
    along.delete(keyOf(missing));
    return [...along.values()];
  }

  /** One that was fetched along could not be had; `undefined` when the fault does not say which. */
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

/** The same bytes mean the same value only under the same codec. */
export function keyOf(reference: Reference): string {
  return `${reference.codec}\n${reference.digest}`;
}

/** Which bytes are missing or damaged, if that is what an error says. */
export function lostDigest(error: unknown): Digest | undefined {
  if (!isLoss(error)) return undefined;
  const { digest } = error as { readonly digest?: unknown };
  return isDigest(digest) ? digest : undefined;
}

/**
 * Reads an input in the name of the attempt that runs. When that fails the attempt fails, also if the step catches the
 * error: what it makes without its inputs must not be taken for its result. `artifact` is what it was reading: a file of
 * a stored folder is lost with the folder.
 */
export function reading<T>(artifact: Digest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}

/** The same for what comes later. */
export async function readingLater<T>(artifact: Digest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}
