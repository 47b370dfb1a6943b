import type { GetOptions, StoreError } from '@varve/core/contract';
import { isWorthParts, PART, type Range, rangeHeader, readParts } from '@varve/core/store-kit';
import type { Api } from '../requests/api.ts';
import { type Deed, notGoogle, storeError } from '../requests/errors.ts';
import type { HttpAnswer } from '../requests/http.ts';
import { readAnswer, sentRangeOf, startsAt } from './read-object.ts';

/** One version of an object to be read. */
interface Source {
  readonly deed: Deed;
  readonly path: string;
  /** `undefined`: whichever is there. */
  readonly generation?: string;
  readonly signal: AbortSignal | undefined;
}

/** The error for an answer that is no success. */
type Refused = (deed: Deed, answer: HttpAnswer, signal: AbortSignal | undefined) => Promise<StoreError>;

/** Reads objects: by one request, or large ones in parts, several at a time. */
export class ObjectReader {
  constructor(
    private readonly api: Api,
    private readonly idleMs: number,
    private readonly refused: Refused,
  ) {}

  /** `path`: that of the object in the API. */
  async read(deed: Deed, path: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    const source = { deed, path, signal };
    const chunks = isWorthParts(options) ? await this.inParts(source, range) : undefined;
    return chunks ?? this.whole(source, range);
  }

  private async whole(source: Source, range: Range | undefined): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.request(source, range);
    if (answer.status === 416 && range !== undefined) {
      answer.body.resume();
      return nothing();
    }
    return this.chunksOf(source, answer, range?.start ?? 0);
  }

  /** `undefined` when nothing is known of the object that parts could be cut by. */
  private async inParts(source: Source, range: Range | undefined): Promise<AsyncIterable<Uint8Array> | undefined> {
    const start = range?.start ?? 0;
    const stop = new AbortController();
    const signal = source.signal ? AbortSignal.any([source.signal, stop.signal]) : stop.signal;
    const answer = await this.request({ ...source, signal }, { start, end: start + PART });
    // The object ends before these bytes. Without a hint an empty one is no error.
    if (answer.status === 416) {
      answer.body.resume();
      return undefined;
    }
    if (answer.status >= 300) throw await this.refused(source.deed, answer, signal);
    const sent = sentRangeOf(answer);
    const generation = generationOf(answer);
    if (sent === undefined || generation === undefined) {
      answer.body.destroy();
      return undefined;
    }
    const first = await this.chunksOf({ ...source, signal }, answer, start);
    const rest = { ...source, signal, generation };
    const end = Math.min(range?.end ?? sent.total, sent.total);
    return readParts({ first, start: sent.end, end, open: (part) => this.part(rest, part), stop, signal });
  }

  /** A later part, which has to be of the version and of the length that the first one promised. */
  private async part(source: Source, range: Range): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.request(source, range);
    const isOther = sentRangeOf(answer)?.end !== range.end || generationOf(answer) !== source.generation;
    if (answer.status === 412 || (answer.status < 300 && isOther)) {
      answer.body.destroy();
      throw storeError(source.deed, 'unavailable', 'it was replaced while it was read');
    }
    return this.chunksOf(source, answer, range.start);
  }

  private request({ path, deed, generation, signal }: Source, range: Range | undefined): Promise<HttpAnswer> {
    const headers = {
      // Else the service may send other bytes than it keeps.
      'accept-encoding': 'identity',
      ...(range !== undefined && { range: rangeHeader(range) }),
    };
    const query = { alt: 'media', ifGenerationMatch: generation };
    return this.api.send(deed, { method: 'GET', path, query, headers, signal });
  }

  private async chunksOf({ deed, signal }: Source, answer: HttpAnswer, start: number) {
    if (answer.status >= 300) throw await this.refused(deed, answer, signal);
    if (!isObject(answer)) {
      answer.body.destroy();
      throw notGoogle(deed, 'the answer is no object of the service');
    }
    if (startsAt(answer, start)) return readAnswer(deed, answer, this.idleMs, signal);
    answer.body.destroy();
    throw storeError(deed, 'unexpected', `the answer does not begin at byte ${start}`);
  }
}

export async function* nothing(): AsyncGenerator<Uint8Array> {}

function generationOf({ headers }: HttpAnswer): string | undefined {
  const found = headers['x-goog-generation'];
  return typeof found === 'string' ? found : undefined;
}

function isObject({ headers }: HttpAnswer): boolean {
  return headers['x-goog-generation'] !== undefined || headers['x-goog-hash'] !== undefined;
}
