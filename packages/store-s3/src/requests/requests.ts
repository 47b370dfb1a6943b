import type { S3 } from '@aws-sdk/client-s3';
import { StoreError } from '@varve/core/contract';
import { Semaphore } from '@varve/core/store-kit';
import { abortable } from './abortable.ts';
import { type Explained, explain, type Place } from './errors.ts';
import { S3Failure } from './failure.ts';

/** Requests that wait for an answer at once. More only queue in the network and use up memory. */
const AT_ONCE = 64;
/** A request may take so many times the idle timeout in all, so that one that trickles ends too. */
const PATIENCE = 10;
/** The same for work that S3 does by itself while it keeps the connection warm. */
export const LONG_PATIENCE = 120;

export interface RequestOptions {
  /** For the message: "write", "read"... */
  readonly verb: string;
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: number;
}

type Act<T> = (s3: S3, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** A `StoreError` with what else is known of the failed request. */
export class RequestFailed extends Error {
  constructor(readonly explained: Explained) {
    super(explained.error.message, { cause: explained.error });
  }
}

/** Sends requests: makes the client at the first one, lets a bounded number run at once, and explains what fails. */
export class Requests {
  private client: Promise<S3> | undefined;
  private isClosed = false;
  private readonly semaphore = new Semaphore(AT_ONCE);

  constructor(
    private readonly place: Place,
    private readonly idleMs: number,
    private readonly open: () => Promise<S3>,
  ) {}

  /** Rejects with a `StoreError`, or with the signal's reason. */
  async send<T>(options: RequestOptions, act: Act<T>): Promise<T> {
    try {
      return await this.attempt(options, act);
    } catch (error) {
      throw error instanceof RequestFailed ? error.explained.error : error;
    }
  }

  /** The same, for callers who need to know more of a failure: rejects with `RequestFailed`, or the signal's reason. */
  async attempt<T>(options: RequestOptions, act: Act<T>): Promise<T> {
    return this.semaphore.pass(() => this.withDeadline(options, act), options);
  }

  failed({ verb, key }: RequestOptions, error: unknown): RequestFailed {
    return new RequestFailed(explain(this.place, verb, key, error));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const client = await this.client?.catch(() => undefined);
    client?.destroy();
  }

  private async withDeadline<T>(options: RequestOptions, act: Act<T>): Promise<T> {
    const { signal, patience = PATIENCE } = options;
    signal?.throwIfAborted();
    const late = new AbortController();
    const ms = patience * this.idleMs;
    const timer = setTimeout(() => late.abort(new S3Failure('stalled', 'Timeout', `no end after ${ms} ms`)), ms);
    const abortSignal = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      return await abortable(this.act(options, act, abortSignal), abortSignal);
    } catch (error) {
      signal?.throwIfAborted();
      if (StoreError.is(error)) throw error;
      throw this.failed(options, late.signal.aborted ? late.signal.reason : error);
    } finally {
      clearTimeout(timer);
    }
  }

  private async act<T>({ key, verb }: RequestOptions, act: Act<T>, abortSignal: AbortSignal): Promise<T> {
    if (this.isClosed) {
      const message = `Cannot ${verb} in ${this.place.name}: the store is closed.`;
      throw new StoreError('unavailable', message, { retryable: false, ...(key !== undefined && { key }) });
    }
    this.client ??= this.open();
    return act(await this.client, { abortSignal });
  }
}
