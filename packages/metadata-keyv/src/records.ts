import { type CallOptions, StoreError, VarveError } from '@varve/core/contract';
import type { Keyv } from 'keyv';
import { damaged, redact, storeError } from './errors.ts';
import { storedKey } from './keys.ts';
import type { KeyvStore, Settings } from './settings.ts';

const FORMAT = 1;
/** Ms that a store may take to let go of its connections. */
const CLOSE_MS = 2_000;

/** A record as it is stored: bound to its key, so that one under the key of another is noticed. */
type Stored<T> = T & { readonly varve: number; readonly key: string };

/**
 * Records under keys, in a store of Keyv: a call fails where Keyv would swallow an error, and ends in time where a client would
 * wait for ever for a server that is gone.
 */
export class Records {
  private opening: Promise<Keyv> | undefined;
  private kind = 'Keyv';
  /** Last error that the store has told of beside its answers, and how many there were. */
  private told: { readonly count: number; readonly error?: unknown } = { count: 0 };

  constructor(private readonly settings: Settings) {}

  /** Shown in messages. */
  get name(): string {
    return `${this.kind}, namespace ${this.settings.namespace}`;
  }

  /** `undefined` for what is not there, `null` for what is damaged where somebody listens for that. Throws `VARVE_CORRUPT_JOURNAL`. */
  async read<T>(
    keys: readonly string[],
    options: CallOptions = {},
    onDamage?: (error: VarveError) => void,
  ): Promise<(T | null | undefined)[]> {
    const texts = await this.call('be read', options, (keyv) => readMany(keyv, keys.map(storedKey)));
    return keys.map((key, i) => {
      const read = this.parse<T>(key, texts[i]);
      if (!VarveError.is(read)) return read;
      if (!onDamage) throw read;
      onDamage(read);
      return null;
    });
  }

  async readOne<T>(key: string, options: CallOptions = {}): Promise<T | undefined> {
    return (await this.read<T>([key], options))[0] ?? undefined;
  }

  async write(key: string, record: object, options: CallOptions = {}): Promise<void> {
    const text = JSON.stringify({ ...record, varve: FORMAT, key });
    await this.call('be written', options, async (keyv) => {
      if ((await keyv.set(storedKey(key), text)) === false) throw new Error(`${key} was not stored`);
    });
  }

  /** What is not there is no error. */
  async remove(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const key of keys) await this.call('be written', options, (keyv) => keyv.delete(storedKey(key)));
  }

  async close(): Promise<void> {
    const { opening } = this;
    this.opening = undefined;
    const keyv = await opening?.catch(() => undefined);
    if (keyv) await this.end(keyv.store);
  }

  private async call<T>(what: string, { signal }: CallOptions, action: (keyv: Keyv) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const opening = this.opening ?? this.open();
    this.opening = opening;
    opening.catch(() => {
      if (this.opening === opening) this.opening = undefined;
    });
    return this.within(what, signal, async () => action(await opening));
  }

  /** A store that could not be reached is made anew by the next call: some prepare their table only when they are made. */
  private async open(): Promise<Keyv> {
    const { Keyv } = await import('keyv');
    // Keyv listens to it in the same turn: what it cannot reach it says at once, and an error that nobody hears ends the process.
    const store = await this.settings.makeStore();
    this.kind = store.constructor.name;
    // Adapters have a switch of their own, without which they answer that nothing is there.
    if ('throwOnErrors' in store) Object.assign(store, { throwOnErrors: true });
    const keyv = new Keyv({ store, namespace: this.settings.namespace, throwOnErrors: true });
    // A client tries for ever to reach a server that is not there: the first failure is enough, varve itself tries again.
    const failed = new Promise<never>((_, reject) => {
      keyv.on('error', (error: unknown) => {
        this.told = { count: this.told.count + 1, error };
        reject(error);
      });
    });
    failed.catch(() => {});
    try {
      await this.within('be reached', undefined, () => Promise.race([keyv.get('probe'), failed]));
    } catch (error) {
      await this.end(store);
      throw error;
    }
    return keyv;
  }

  /** An error that was told while nothing was found or done is the reason for it. */
  private async within<T>(what: string, signal: AbortSignal | undefined, action: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.settings;
    const before = this.told.count;
    const over = new AbortController();
    const late = clock.sleep(timeoutMs, signal ? AbortSignal.any([signal, over.signal]) : over.signal).then(() => {
      const why = this.told.count > before ? `: ${redact(this.told.error)}` : '';
      throw new StoreError('unavailable', `${this.name} could not ${what} within ${timeoutMs} ms${why}`);
    });
    try {
      const answer = await Promise.race([action(), late]);
      if (this.told.count > before && isNothing(answer)) throw this.told.error;
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const isOurs = StoreError.is(error) || VarveError.is(error);
      throw isOurs ? error : storeError(this.name, what, this.told.count > before ? this.told.error : error);
    } finally {
      late.catch(() => {});
      over.abort();
    }
  }

  /** Also what is still under way is cut off: a connection that is left open keeps the process alive. */
  private async end(store: KeyvStore): Promise<void> {
    const { disconnect } = store as { disconnect?: (force: boolean) => Promise<void> };
    const over = new AbortController();
    const late = this.settings.clock.sleep(CLOSE_MS, over.signal).catch(() => {});
    await Promise.race([late, disconnect?.call(store, true)]).catch(() => {});
    over.abort();
  }

  /** A record under its key; the error of one that is damaged. */
  private parse<T>(key: string, text: unknown): T | VarveError | undefined {
    if (text === undefined) return undefined;
    const stored = parsed(text) as Stored<T> | null | undefined;
    if (typeof stored?.varve !== 'number') return damaged(this.name, key, 'it is no record of varve');
    if (stored.varve !== FORMAT)
      return damaged(this.name, key, `it is of version ${stored.varve}, and this varve reads ${FORMAT}`);
    return stored.key === key ? stored : damaged(this.name, key, `it belongs under ${stored.key}`);
  }
}

/** Where the store has no `getMany`, that of Keyv would take an error for an absence. */
async function readMany(keyv: Keyv, keys: string[]): Promise<unknown[]> {
  const { getMany } = keyv.store as { readonly getMany?: unknown };
  return getMany === undefined ? Promise.all(keys.map((key) => keyv.get(key))) : keyv.getMany(keys);
}

function isNothing(answer: unknown): boolean {
  return answer === undefined || (Array.isArray(answer) && answer.includes(undefined));
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
