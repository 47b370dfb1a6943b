import type { GetOptions } from '../contract/index.ts';
import type { Range } from './ranges.ts';

/** Bytes of a part. */
export const PART = 8 * 1024 * 1024;
/** Parts of one object under way or held at once. */
const AT_ONCE = 4;

/**
 * True when a read is expected to give so many bytes that it is worth several requests. A smaller one is as quick by a single one.
 */
export function isWorthParts({ range, size = 0 }: Pick<GetOptions, 'range' | 'size'>): boolean {
  return Math.min(size, range?.end ?? size) - (range?.start ?? 0) > 2 * PART;
}

/** The bytes of one part as they come: it is fetched while its reader is elsewhere, so that its connection is free soon. */
class Part {
  private readonly chunks: Uint8Array[] = [];
  private end: { readonly failure?: unknown } | undefined;
  private wake: () => void = () => undefined;

  constructor(
    open: () => Promise<AsyncIterable<Uint8Array>>,
    private readonly signal: AbortSignal,
  ) {
    void this.fetch(open).then(
      () => this.finish({}),
      (failure: unknown) => this.finish({ failure }),
    );
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.signal.throwIfAborted();
      const chunk = this.chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.end === undefined) await this.news();
      else if ('failure' in this.end) throw this.end.failure;
      else return;
    }
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async fetch(open: () => Promise<AsyncIterable<Uint8Array>>): Promise<void> {
    for await (const chunk of await open()) {
      this.chunks.push(chunk);
      this.wake();
    }
  }

  private finish(end: { readonly failure?: unknown }): void {
    this.end = end;
    this.wake();
  }
}

/** The ranges that the bytes from `start` to `end` are fetched in. */
function* rangesOf(start: number, end: number): Generator<Range> {
  for (let at = start; at < end; at += PART) yield { start: at, end: Math.min(end, at + PART) };
}

/** A read in parts whose first answer has come: it says of which version, and how long, the object is. */
export interface Parts {
  /** The bytes before `start`, on their way already. */
  readonly first: AsyncIterable<Uint8Array>;
  readonly start: number;
  readonly end: number;
  /**
   * Fetches bytes until `stop` is aborted. It has to give exactly those of the range, of the version of the first answer, or to
   * reject.
   */
  readonly open: (range: Range) => Promise<AsyncIterable<Uint8Array>>;
  readonly stop: AbortController;
  /** Aborts with `stop`, or when the reader wants no more. */
  readonly signal: AbortSignal;
}

/**
 * Passes on the first bytes and those from `start` to `end`, in their order, while up to four parts of `PART` bytes are fetched at
 * once. The part that is being read counts as one of them, so another one begins when its reader has done with it: no more
 * than four are held in memory. A failure comes after the bytes before it. Leaving the loop stops all of them.
 */
export async function* readParts({ first, start, end, open, stop, signal }: Parts): AsyncGenerator<Uint8Array> {
  const ranges = rangesOf(start, end);
  const parts = [new Part(async () => first, signal)];
  try {
    for (let part = parts[0]; part; part = parts[0]) {
      while (parts.length < AT_ONCE) {
        const { value: range } = ranges.next();
        if (!range) break;
        parts.push(new Part(() => open(range), signal));
      }
      yield* part.read();
      parts.shift();
    }
  } finally {
    stop.abort(new Error('nobody reads this part any more'));
  }
}
