import { type Body, type CallOptions, type Datastore, StoreError, VarveError } from '@varve/core/contract';
import {
  type ArtifactStore,
  compressedKey,
  createOnce,
  decodeBatch,
  decodeEnvelope,
  digestOfKey,
  type EnvelopeKind,
  loadPage,
  readObject,
} from '@varve/core/internal';
import type { ReadPage } from '../gc/choose.ts';
import { holdsPage, nextPageKey, pageBytes } from './pages.ts';
import type { Wanted, WantedBlob } from './survey.ts';
import type { Tally } from './tally.ts';

/** `had`: the target has it already. `taken`: it has other bytes under this key. `lost`: the source has none, or damaged ones. */
export type Sent = 'done' | 'had' | 'taken' | 'lost';

export interface TransferParts extends CallOptions {
  readonly source: Datastore;
  readonly target: Datastore;
  /** Checks what is read from the source. */
  readonly checked: Pick<ArtifactStore, 'matches'>;
  /** Writes blobs to the target, and checks them on their way. */
  readonly blobs: Pick<ArtifactStore, 'putStream'>;
  /** What the target held before: sizes by key. */
  readonly there: ReadonlyMap<string, number>;
  readonly tally: Tally;
  readonly dryRun: boolean;
  /** Called before anything that refers to other objects is written. Throws when these may have been deleted. */
  readonly confirm: () => Promise<void>;
}

/** Copies single objects. Each is checked before it is visible in the target, and nothing there is replaced by other bytes. */
export class Transfer {
  constructor(private readonly parts: TransferParts) {}

  /** Copies an object of one line and JSON. `free`: it need not be there. */
  async sealed(kind: EnvelopeKind, key: string, free = false): Promise<Sent> {
    const bytes = await readObject(this.parts.source, key, this.options);
    if (!bytes) {
      if (free) return 'done';
      this.parts.tally.lose(key, gone(key, this.parts.source.name));
      return 'lost';
    }
    try {
      decodeEnvelope(kind, bytes, key);
    } catch (error) {
      if (!VarveError.is(error)) throw error;
      this.parts.tally.lose(key, error);
      return 'lost';
    }
    return this.offer(key, bytes);
  }

  /** Copies a commit batch, of which every part is checked. */
  async batch({ key, size }: Wanted): Promise<Sent> {
    const { source, there, tally, dryRun } = this.parts;
    const known = there.get(key);
    if (known !== undefined && known === size) {
      tally.skip(known);
      return 'done';
    }
    if (dryRun && known === undefined && size !== undefined) {
      tally.copy(size);
      return 'done';
    }
    const bytes = await readObject(source, key, this.options);
    const fault = bytes ? await this.faultOf(key, bytes) : gone(key, source.name);
    if (bytes && !fault) return this.offer(key, bytes);
    if (fault) tally.lose(key, fault);
    return 'lost';
  }

  /** Copies an artifact that is an object of its own, unless the target has one of this name and size. */
  async blob({ key, size, expected }: WantedBlob): Promise<void> {
    const { source, there, tally, dryRun } = this.parts;
    const digest = digestOfKey(key);
    const known = size ?? (await this.sizeOf(key, expected));
    if (digest === undefined || known === undefined) return tally.lose(key, gone(key, source.name));
    if (there.get(key) === known || there.has(compressedKey(key))) return tally.skip(known);
    if (dryRun) return tally.copy(known);
    // A fault of the way must not pass for damage: the second attempt decides.
    const fault = (await this.send(key, digest, known)) && (await this.send(key, digest, known));
    if (fault) tally.lose(key, fault);
    else tally.copy(known);
  }

  /** Bytes of an artifact in the source; `undefined` when it has none. */
  private async sizeOf(key: string, expected: number): Promise<number | undefined> {
    const info = await this.parts.source.stat(key, this.options);
    return info && info.key !== key ? expected : info?.size;
  }

  /** Copies a page of results without those that `isLost` says cannot be read. */
  async page({ info, page }: ReadPage, isLost: (object: string) => boolean): Promise<void> {
    const { there, tally, dryRun } = this.parts;
    const bytes = pageBytes(page, isLost);
    if (!bytes) return;
    for (let key = info.key; ; key = nextPageKey(key)) {
      if (there.has(key)) {
        if (await this.hasPage(key, bytes)) return tally.skip(bytes.byteLength);
      } else if (dryRun || (await this.create(key, bytes))) {
        return tally.copy(bytes.byteLength);
      }
    }
  }

  /** True when the target holds these results under this key. A page there that is damaged holds none. */
  private async hasPage(key: string, bytes: Uint8Array): Promise<boolean> {
    const { target } = this.parts;
    const info = await target.stat(key, this.options);
    const stored = info && (await loadPage(target, info, this.options));
    try {
      return stored !== undefined && holdsPage(stored, bytes);
    } catch (error) {
      if (VarveError.is(error)) return false;
      throw error;
    }
  }

  /** Copies bytes in memory unless the key is taken. */
  private async offer(key: string, bytes: Uint8Array): Promise<Sent> {
    const { target, there, tally, dryRun } = this.parts;
    let found = there.has(key) ? await readObject(target, key, this.options) : undefined;
    if (!found) {
      if (dryRun || (await this.create(key, bytes))) {
        tally.copy(bytes.byteLength);
        return 'done';
      }
      found = await readObject(target, key, this.options);
    }
    if (!found || Buffer.compare(found, bytes) !== 0) return 'taken';
    tally.skip(bytes.byteLength);
    return 'had';
  }

  /** `false` when another process was faster. */
  private async create(key: string, bytes: Uint8Array): Promise<boolean> {
    await this.parts.confirm();
    return createOnce(this.parts.target, key, [bytes], this.options);
  }

  private async faultOf(key: string, bytes: Uint8Array): Promise<VarveError | undefined> {
    const [, , runId = '', , batch] = key.split('/');
    try {
      const { blobs } = decodeBatch(bytes, { key, runId, batch: Number(batch), size: bytes.byteLength });
      for (const [digest, { offset, length }] of blobs) {
        const part = bytes.subarray(offset, offset + length);
        const reference = { digest, size: length, codec: '' };
        if (!(await this.parts.checked.matches(reference, once(part)))) return damaged(key, `of ${digest} in it`);
      }
      return undefined;
    } catch (error) {
      if (VarveError.is(error)) return error;
      throw error;
    }
  }

  /** Streams one blob. Returns what is wrong with the source; throws what is wrong with the target. */
  private async send(key: string, digest: string, size: number): Promise<VarveError | undefined> {
    const { source, blobs, tally } = this.parts;
    const watched = new WatchedBody(size, () => source.get(key, this.options), tally);
    try {
      await blobs.putStream({ digest, size, open: () => watched.open() }, 'any', this.options);
      return undefined;
    } catch (error) {
      this.options.signal?.throwIfAborted();
      if (StoreError.is(watched.fault, 'not-found')) return gone(key, source.name);
      if (hasCode(error, 'VARVE_CHANGED_SOURCE')) return damaged(key, 'of its name');
      if (StoreError.is(error, 'too-large')) return tooLarge(key, error.message);
      if (VarveError.is(error, 'VARVE_UNKNOWN_HASHER')) return error;
      throw watched.fault ?? error;
    } finally {
      watched.end();
    }
  }

  private get options(): CallOptions {
    const { signal } = this.parts;
    return signal ? { signal } : {};
  }
}

/** A body that counts what it has given, and keeps the error of its source. */
class WatchedBody implements Body {
  fault: unknown;
  private given = 0;

  constructor(
    readonly size: number,
    private readonly read: () => Promise<AsyncIterable<Uint8Array>>,
    private readonly tally: Tally,
  ) {}

  async *open(): AsyncGenerator<Uint8Array> {
    this.end();
    this.fault = undefined;
    try {
      for await (const chunk of await this.read()) {
        this.given += chunk.byteLength;
        this.tally.stream(chunk.byteLength);
        yield chunk;
      }
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }

  /** Its bytes count with the object now, or not at all. */
  end(): void {
    this.tally.stream(-this.given);
    this.given = 0;
  }
}

/** Looks through the causes: a store may wrap the error of a body. */
function hasCode(error: unknown, code: string): boolean {
  for (let one = error, depth = 0; one instanceof Error && depth < 10; one = one.cause, depth++)
    if (VarveError.is(one, code)) return true;
  return false;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

function gone(key: string, store: string): VarveError {
  return new VarveError('VARVE_MISSING_ARTIFACT', `${key} is gone from ${store}.`, {
    hint: 'varve gc may have deleted it meanwhile: copy again. When it is gone for good, the next run makes it anew.',
  });
}

function damaged(key: string, what: string): VarveError {
  return new VarveError('VARVE_CORRUPT_ARTIFACT', `${key} is damaged: its bytes are not those ${what}.`, {
    hint: 'Put it back from a backup, or have it made again (varve cache verify --repair), then copy again.',
  });
}

function tooLarge(key: string, message: string): VarveError {
  return new VarveError('VARVE_COPY_TOO_LARGE', `${key}: ${message}`, {
    hint: 'Copy to a store that takes objects of this size.',
  });
}
