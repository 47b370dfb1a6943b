import type { GetOptions } from '@varve/core/contract';
import { isWorthParts, PART, type Range, rangeHeader, readParts, sentRange } from '@varve/core/store-kit';
import { written } from '../requests/answers.ts';
import { S3Failure } from '../requests/failure.ts';
import { RequestFailed, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';
import { discard, type ObjectAnswer, readAnswer } from './read-object.ts';

/** One version of an object to be read. */
interface Source {
  readonly key: string;
  readonly path: string;
  /** The version; `undefined`: whichever is there. */
  readonly etag?: string;
  readonly signal: AbortSignal | undefined;
}

/** Reads objects: by one request, or large ones in parts, several at a time. */
export class ObjectReader {
  constructor(
    private readonly requests: Requests,
    private readonly target: Target,
    private readonly idleMs: number,
  ) {}

  /** Rejects with `RequestFailed`, a `StoreError`, or the signal's reason. */
  async read(key: string, path: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    const source = { key, path, signal };
    const chunks = isWorthParts(options) ? await this.inParts(source, range) : undefined;
    return chunks ?? this.fetch(source, range);
  }

  /** `undefined` when nothing is known of the object that parts could be cut by. */
  private async inParts(source: Source, range: Range | undefined): Promise<AsyncIterable<Uint8Array> | undefined> {
    const start = range?.start ?? 0;
    const stop = new AbortController();
    const signal = source.signal ? AbortSignal.any([source.signal, stop.signal]) : stop.signal;
    const first = await this.begin({ ...source, signal }, { start, end: start + PART });
    if (first === undefined) return undefined;
    const { chunks, etag, sent } = first;
    const end = Math.min(range?.end ?? sent.total, sent.total);
    const rest = { ...source, signal, etag };
    return readParts({ first: chunks, start: sent.end, end, open: (part) => this.part(rest, part), stop, signal });
  }

  /** The first part, whose answer says the version and the true size of the object. */
  private async begin(source: Source, range: Range) {
    try {
      return await this.request(source, range, async (answer) => {
        const sent = sentRange(answer.ContentRange);
        const { ETag: etag } = answer;
        if (sent && etag !== undefined) {
          return { chunks: await this.chunksOf(source, answer, range), etag, sent };
        }
        discard(answer);
        return undefined;
      });
    } catch (error) {
      // The object ends before these bytes. Without a hint an empty one is no error.
      if (error instanceof RequestFailed && error.explained.status === 416) return undefined;
      throw error;
    }
  }

  /** A later part, which has to be of the version and of the length that the first one promised. */
  private async part(source: Source, range: Range): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await this.request(source, range, (answer) => {
        const sent = sentRange(answer.ContentRange);
        if (answer.ETag === source.etag && sent?.end === range.end) return this.chunksOf(source, answer, range);
        discard(answer);
        throw new S3Failure('replaced', 'OtherVersion', 'the server answers with another one');
      });
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { error: explained, status } = error.explained;
      if (status !== 412) throw explained;
      const { message = '', requestId } = explained.cause instanceof S3Failure ? explained.cause : {};
      const failure = new S3Failure('replaced', 'PreconditionFailed', message, status, requestId);
      throw this.explain(source, failure);
    }
  }

  private fetch(source: Source, range: Range | undefined): Promise<AsyncIterable<Uint8Array>> {
    return this.request(source, range, (answer) => this.chunksOf(source, answer, range));
  }

  private request<T>(
    { key, path, etag, signal }: Source,
    range: Range | undefined,
    take: (answer: ObjectAnswer) => T | Promise<T>,
  ): Promise<T> {
    const input = {
      ...this.target.object(path),
      ...(range && { Range: rangeHeader(range) }),
      ...(etag !== undefined && { IfMatch: etag }),
    };
    return this.requests.attempt({ verb: 'read', key, signal }, async (s3, o) =>
      take(ofObject(await s3.getObject(input, o))),
    );
  }

  private chunksOf(source: Source, answer: ObjectAnswer, range: Range | undefined) {
    const { key, signal } = source;
    const explain = (error: unknown): unknown => this.explain(source, error);
    return readAnswer(answer, { key, range, signal, idleMs: this.idleMs, explain });
  }

  private explain({ key, signal }: Source, error: unknown): unknown {
    return this.requests.failed({ verb: 'read', key, signal }, error).explained.error;
  }
}

/** Only an object of S3 has an ETag for certain. */
function ofObject<T extends ObjectAnswer>(answer: T): T {
  try {
    written(answer);
    return answer;
  } catch (error) {
    discard(answer);
    throw error;
  }
}
