import type { CompletedPart } from '@aws-sdk/client-s3';
import type { Body, Clock } from '@varve/core/contract';
import { MARK, newMark } from '@varve/core/store-kit';
import { begun, described, written } from '../requests/answers.ts';
import { LONG_PATIENCE, RequestFailed, type RequestOptions, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';
import { partsOf } from './body.ts';

const MIB = 1024 * 1024;
/** Bytes of a part, unless the object needs larger ones. */
export const PART_SIZE = 8 * MIB;
const PARTS_MAX = 10_000;
/** Parts of one object under way at once, and bytes of them. */
const AT_ONCE = 4;
const BYTES_AT_ONCE = AT_ONCE * PART_SIZE;
/** Attempts of one request of an upload: repeating the whole upload for one of thousands would never end. */
const ATTEMPTS = 3;
const PAUSE_MS = 200;

/** One object to be written in parts. */
export interface UploadTarget {
  readonly key: string;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly ifAbsent?: boolean;
}

interface Upload extends UploadTarget {
  readonly id: string;
  readonly mark: string;
}

/** Bytes of each part of an object: as few as possible in as many parts as S3 takes. */
export function partSizeFor(size: number): number {
  return Math.max(PART_SIZE, Math.ceil(size / PARTS_MAX / MIB) * MIB);
}

/** Writes and copies objects in parts. An upload that fails is aborted, so that nothing of it stays. */
export class Uploads {
  constructor(
    private readonly requests: Requests,
    private readonly target: Target,
    private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  async write(to: UploadTarget, body: Body): Promise<void> {
    const size = partSizeFor(body.size);
    const width = Math.max(1, Math.min(AT_ONCE, Math.floor(BYTES_AT_ONCE / size)));
    await this.inParts(to, (upload, stop) =>
      runParts(partsOf(to.key, body, size, stop.signal), width, stop, async (bytes, number, signal) => {
        const input = { ...this.target.object(to.path), UploadId: upload.id, PartNumber: number, Body: bytes };
        const done = await this.again({ verb: 'write', key: to.key, signal }, (request) =>
          this.requests.attempt(request, async (s3, o) => written(await s3.uploadPart(input, o))),
        );
        return completed(number, done);
      }),
    );
  }

  /** Copies an object of `size` bytes by ranges. `CopySource`: as the header wants it. */
  async copy(to: UploadTarget, CopySource: string, size: number): Promise<void> {
    const partSize = partSizeFor(size);
    const starts = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index * partSize);
    await this.inParts(to, (upload, stop) =>
      runParts(starts, AT_ONCE, stop, async (start, number, signal) => {
        const CopySourceRange = `bytes=${start}-${Math.min(size, start + partSize) - 1}`;
        const of = { UploadId: upload.id, PartNumber: number };
        const input = { ...this.target.object(to.path), CopySource, CopySourceRange, ...of };
        const request = { verb: 'copy', key: to.key, signal, patience: LONG_PATIENCE };
        const done = await this.again(request, (one) =>
          this.requests.attempt(one, async (s3, o) =>
            written((await s3.uploadPartCopy(input, o)).CopyPartResult ?? {}),
          ),
        );
        return completed(number, done);
      }),
    );
  }

  /** The mark of the object under a path, empty when it has none; `undefined` when there is no object. */
  async markOf(key: string, path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    try {
      const request = { verb: 'look up', key, signal };
      const { Metadata } = await this.requests.attempt(request, async (s3, o) =>
        described(await s3.headObject(this.target.object(path), o)),
      );
      return Metadata?.[MARK] ?? '';
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (error.explained.reason === 'not-found') return undefined;
      throw error.explained.error;
    }
  }

  private async inParts(
    to: UploadTarget,
    send: (upload: Upload, stop: AbortController) => Promise<CompletedPart[]>,
  ): Promise<void> {
    const { signal } = to;
    const upload = await this.begin(to);
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const parts = await send(upload, stop);
      signal?.throwIfAborted();
      await this.complete(upload, parts);
    } catch (error) {
      await this.abort(upload);
      throw error instanceof RequestFailed ? error.explained.error : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private async begin(to: UploadTarget): Promise<Upload> {
    const { key, path, signal } = to;
    const mark = newMark();
    const input = { ...this.target.object(path), ...this.target.written(), Metadata: { [MARK]: mark } };
    const id = await this.requests.send({ verb: 'write', key, signal }, async (s3, o) => {
      const sums = (await s3.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
      return begun(await s3.createMultipartUpload(sums ? { ...input, ChecksumAlgorithm: 'CRC32' } : input, o));
    });
    return { ...to, id, mark };
  }

  /** An upload that is complete is gone: when an answer was lost, only the mark of the object tells. */
  private async complete(upload: Upload, parts: readonly CompletedPart[]): Promise<void> {
    const { key, path, id, mark, signal, ifAbsent = false } = upload;
    const MultipartUpload = { Parts: [...parts].sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)) };
    const condition = ifAbsent ? { IfNoneMatch: '*' } : {};
    const input = { ...this.target.object(path), ...condition, UploadId: id, MultipartUpload };
    let isUnsure = false;
    await this.again({ verb: 'write', key, signal, patience: LONG_PATIENCE }, async (request) => {
      try {
        await this.requests.attempt(request, async (s3, o) => written(await s3.completeMultipartUpload(input, o)));
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        isUnsure ||= error.explained.isUnsure;
        if (isUnsure && (await this.markOf(key, path, signal)) === mark) return;
        throw error;
      }
    });
  }

  /** Repeats one request of an upload while it may succeed later. */
  private async again<T>(request: RequestOptions, act: (request: RequestOptions) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act(request);
      } catch (error) {
        const isWorthIt = error instanceof RequestFailed && error.explained.error.retryable;
        if (!isWorthIt || attempt >= ATTEMPTS) throw error;
        await this.clock.sleep(PAUSE_MS * 4 ** (attempt - 1), request.signal ?? undefined);
      }
    }
  }

  /** Best effort: what cannot be aborted now is left to the rule of the bucket that removes unfinished uploads. */
  private async abort({ key, path, id }: Upload): Promise<void> {
    const input = { ...this.target.object(path), UploadId: id };
    await this.again({ verb: 'abort the upload of', key }, (request) =>
      this.requests.attempt(request, (s3, o) => s3.abortMultipartUpload(input, o)),
    ).catch(() => undefined);
  }
}

/** Sends parts, at most `width` at once. When one fails, the others are stopped and waited for. */
async function runParts<T>(
  source: AsyncIterable<T> | Iterable<T>,
  width: number,
  stop: AbortController,
  send: (part: T, number: number, signal: AbortSignal) => Promise<CompletedPart>,
): Promise<CompletedPart[]> {
  const done: CompletedPart[] = [];
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let number = 0;
  try {
    for await (const part of source) {
      number += 1;
      const work: Promise<void> = send(part, number, stop.signal)
        .then((result) => void done.push(result))
        .catch((error: unknown) => {
          failure ??= { error };
          stop.abort(error);
        })
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= width) await Promise.race(running);
      if (failure) throw failure.error;
    }
  } catch (error) {
    failure ??= { error };
    stop.abort(error);
  }
  await Promise.all(running);
  if (failure) throw failure.error;
  return done;
}

/** Copies what the SDK answered of a part; fields that are left out must stay so. */
function completed(
  number: number,
  { ETag, ChecksumCRC32 }: Pick<CompletedPart, 'ETag' | 'ChecksumCRC32'>,
): CompletedPart {
  return { PartNumber: number, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) };
}
