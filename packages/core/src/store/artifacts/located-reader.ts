import type { CallOptions, Datastore, Location, Reference } from '../../contract/index.ts';
import type { OwnBytes } from '../objects/body.ts';
import type { Gate } from '../objects/with-limit.ts';
import { corruptArtifact, missingArtifact } from './artifact-error.ts';
import { PageCache } from './page-cache.ts';
import type { Verifier } from './verify.ts';

/** Bytes. No commit batch holds a larger artifact: a reference that claims more is damaged. */
const LOCATED_MAX = 64 * 1024 * 1024;

/** Reads artifacts that lie inside commit batches. */
export class LocatedReader {
  private readonly pages: PageCache;

  constructor(
    private readonly store: Datastore,
    private readonly verifier: Verifier,
    gate: Gate,
    cacheBytes: number,
  ) {
    this.pages = new PageCache(store, gate, cacheBytes);
  }

  /** Bytes of references that lie in one object. What is wrong is read once more, in case only the way was bad. */
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
    const bytes = await this.pages.read(object, wanted.map(placeOf), options);
    if (!bytes) throw missingArtifact(wanted[0] as Reference, object, this.store.name);
    return bytes;
  }

  private async readAgain(reference: Reference, options: CallOptions): Promise<OwnBytes> {
    const place = placeOf(reference);
    this.pages.forget(place.object, place);
    const [bytes = new Uint8Array(0)] = await this.fetch([reference], options);
    const found = this.verifier.mismatch(reference, bytes);
    if (!found) return bytes;
    this.pages.forget(place.object, place);
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
