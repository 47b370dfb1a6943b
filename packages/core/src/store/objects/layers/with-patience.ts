import { type CallOptions, type Clock, type Datastore, StoreError } from '../../../contract/index.ts';
import { copyOf, wrapStore } from './wrap.ts';

/**
 * Gives calls up that are not answered within `ms`, however long they would be repeated: they reject with `unavailable`. For
 * what a run can do without. A large object may take longer, as long as each of its chunks comes in time.
 */
export function withPatience(store: Datastore, clock: Clock, ms: number): Datastore {
  const patience = new Patience(store.name, clock, ms);
  const copy = copyOf(store);
  return wrapStore(store, {
    put: (key, body, o) => patience.call(o, (options) => store.put(key, body, options)),
    get: (key, o) => patience.stream(o, (options) => store.get(key, options)),
    stat: (key, o) => patience.call(o, (options) => store.stat(key, options)),
    list: (prefix, o) => patience.items(o, (options) => store.list(prefix, options)),
    delete: (key, o) => patience.call(o, (options) => store.delete(key, options)),
    copy: (from, to, o) => patience.call(o, (options) => copy(from, to, options)),
  });
}

class Patience {
  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly ms: number,
  ) {}

  async call<O extends CallOptions, T>(options: O | undefined, act: (options: O) => Promise<T>): Promise<T> {
    const given = this.begin(options);
    return this.inTime(given, act(given.options));
  }

  async stream<O extends CallOptions, T>(
    options: O | undefined,
    open: (options: O) => Promise<AsyncIterable<T>>,
  ): Promise<AsyncIterable<T>> {
    const given = this.begin(options);
    return this.each(given, await this.inTime(given, open(given.options)));
  }

  items<O extends CallOptions, T>(options: O | undefined, open: (options: O) => AsyncIterable<T>): AsyncGenerator<T> {
    const given = this.begin(options);
    return this.each(given, open(given.options));
  }

  private begin<O extends CallOptions>(options: O = {} as O): Given<O> {
    const end = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal;
    return { end, options: { ...options, signal } };
  }

  private async *each<T>(given: Given<CallOptions>, items: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = items[Symbol.asyncIterator]();
    let isOver = false;
    try {
      for (;;) {
        const next = await this.inTime(given, iterator.next());
        isOver = next.done === true;
        if (next.done) return;
        yield next.value;
      }
    } finally {
      // One that hangs would not end before it is answered.
      if (!isOver && !given.end.signal.aborted) await iterator.return?.();
    }
  }

  /** The call is told to end, and not waited for. */
  private async inTime<T>({ end }: Given<CallOptions>, answer: Promise<T>): Promise<T> {
    const answered = new AbortController();
    const late = this.clock.sleep(this.ms, answered.signal).then(() => {
      const error = new StoreError('unavailable', `${this.name} did not answer within ${this.ms / 1000} s`, {
        retryable: false,
      });
      end.abort(error);
      throw error;
    });
    late.catch(() => {});
    answer.catch(() => {});
    try {
      return await Promise.race([answer, late]);
    } finally {
      answered.abort();
    }
  }
}

/** A call that is under way, and how to end it. */
interface Given<O extends CallOptions> {
  readonly options: O;
  readonly end: AbortController;
}
