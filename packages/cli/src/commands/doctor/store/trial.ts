import { randomBytes } from 'node:crypto';
import { type Clock, type Datastore, StoreError } from '@varve/core/contract';
import { bodyOf, createOnce, isTrialKey, readObject, TRIALS, withRetry } from '@varve/core/internal';

/** What came of one kind of call. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Not tried, as it could only fail like the call before. */
  | { readonly kind: 'untried' };

/** What a store did when each of its calls was tried on objects of no value. Times in ms. */
export interface Trial {
  /** Each write. */
  readonly write: Outcome<readonly number[]>;
  /**
   * Each read of what was written, `false` when other bytes came back. Where writing is not allowed, that of an object that was
   * there before, if any.
   */
  readonly read: Outcome<readonly number[] | false>;
  /** True when the second of two creates was refused. */
  readonly create: Outcome<boolean>;
  /** Objects that were written and are not in the list. */
  readonly list: Outcome<number>;
  /** Objects that are still there after they were deleted. */
  readonly remove: Outcome<number>;
  /** Objects whose write was acknowledged. */
  readonly written: number;
  /** Objects that earlier trials had left behind, and this one has deleted. */
  readonly cleared: number;
  /** The time of a write by the store, and ours before and after it. */
  readonly times: Outcome<{ readonly before: number; readonly after: number; readonly store: number }>;
  /** Start of the keys of all objects of the trial. */
  readonly scratch: string;
}

export interface TrialOptions {
  readonly clock: Clock;
  /** Ms that one call may take. */
  readonly waitMs: number;
  /** Ends the trial early; what it has written is deleted all the same. */
  readonly signal?: AbortSignal;
}

/** Ms. No trial takes so long. */
const OLD_MS = 3_600_000;
const ROUNDS = 5;
const ATTEMPTS = 3;
/** Start of the keys of all runs. */
const RUNS = 'runs/';
const UNTRIED = { kind: 'untried' } as const;

/** Tries the calls of a store under keys of its own, and deletes all that it has written. Rejects never. */
export async function tryStore(store: Datastore, options: TrialOptions): Promise<Trial> {
  const trial = new StoreTrial(store, options);
  return trial.run();
}

class StoreTrial {
  readonly #scratch = `${TRIALS}${randomBytes(6).toString('hex')}`;
  readonly #store: Datastore;
  /** Keys of all objects that may be there: a write that fails may have written all the same. */
  readonly #tried = new Set<string>();
  readonly #written = new Set<string>();

  constructor(
    private readonly bare: Datastore,
    private readonly options: TrialOptions,
  ) {
    this.#store = withRetry(bare, { clock: options.clock, attempts: ATTEMPTS });
  }

  async run(): Promise<Trial> {
    const write = await outcomeOf(() => this.#write());
    const isWritten = write.kind === 'done';
    const own = isWritten ? await outcomeOf(() => this.#read()) : UNTRIED;
    const times = isWritten ? await outcomeOf(() => this.#times()) : UNTRIED;
    const create = isWritten ? await outcomeOf(() => this.#create()) : UNTRIED;
    // Who may not write may still be meant to read.
    const list = isWritten || isRefusal(write) ? await outcomeOf(() => this.#list()) : UNTRIED;
    const read = isDenied(write) && list.kind === 'done' ? await outcomeOf(() => this.#readOther()) : own;
    // A write that failed may have written all the same, unless it was refused.
    const isClean = this.#tried.size === 0 || (this.#written.size === 0 && isRefusal(write));
    const remove = isClean ? UNTRIED : await outcomeOf(() => this.#remove());
    const cleared = isWritten ? await this.#clear().catch(() => 0) : 0;
    return { written: this.#written.size, cleared, write, read, create, list, remove, times, scratch: this.#scratch };
  }

  async #write(): Promise<number[]> {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const key = this.#key(`${round}`);
      took.push(await timed(() => this.#put(key, contentOf(round))));
    }
    return took;
  }

  async #read(): Promise<number[] | false> {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let found: Uint8Array | undefined;
      const key = this.#key(`${round}`);
      took.push(
        await timed(async () => {
          found = await readObject(this.#store, key, this.#deadline());
        }),
      );
      if (found === undefined || Buffer.compare(found, contentOf(round)) !== 0) return false;
    }
    return took;
  }

  /** Reads the beginning of any object of a run. */
  async #readOther(): Promise<number[]> {
    for await (const { key } of this.#store.list(RUNS, this.#deadline())) {
      return [
        await timed(async () => {
          for await (const _ of await this.#store.get(key, this.#deadline())) break;
        }),
      ];
    }
    return [];
  }

  async #create(): Promise<boolean> {
    const key = this.#key('created');
    this.#tried.add(key);
    await createOnce(this.#store, key, [contentOf(1)], this.#deadline());
    this.#written.add(key);
    return !(await createOnce(this.#store, key, [contentOf(2)], this.#deadline()));
  }

  async #list(): Promise<number> {
    const missing = new Set(this.#written);
    for await (const { key } of this.#store.list(`${this.#scratch}/`, this.#deadline())) missing.delete(key);
    return missing.size;
  }

  async #times() {
    const key = this.#key('dated');
    const before = this.options.clock.now();
    await this.#put(key, contentOf(0));
    const after = this.options.clock.now();
    const info = await this.#store.stat(key, this.#deadline());
    if (info === undefined)
      throw new StoreError('not-found', `${this.bare.name} does not find an object that it has just written.`);
    return { before, after, store: info.modifiedAt };
  }

  async #remove(): Promise<number> {
    let left = 0;
    let failure: { readonly error: unknown } | undefined;
    for (const key of this.#tried) {
      try {
        await this.#store.delete(key, this.#lastDeadline());
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
    for (const key of this.#tried) if (await this.#store.stat(key, this.#lastDeadline())) left += 1;
    return left;
  }

  /** Deletes what trials that were killed have left behind; a younger one may still be going on. */
  async #clear(): Promise<number> {
    const before = this.options.clock.now() - OLD_MS;
    let cleared = 0;
    for await (const { key, modifiedAt } of this.#store.list(TRIALS, this.#deadline())) {
      if (!isTrialKey(key) || this.#tried.has(key) || modifiedAt > before) continue;
      await this.#store.delete(key, this.#deadline());
      cleared += 1;
    }
    return cleared;
  }

  async #put(key: string, content: Uint8Array): Promise<void> {
    this.#tried.add(key);
    await this.#store.put(key, bodyOf([content]), this.#deadline());
    this.#written.add(key);
  }

  #key(name: string): string {
    return `${this.#scratch}/${name}`;
  }

  #deadline(): { readonly signal: AbortSignal } {
    const { signal } = this.options;
    const late = AbortSignal.timeout(this.options.waitMs);
    return { signal: signal ? AbortSignal.any([signal, late]) : late };
  }

  /** Deleting goes on when the trial is stopped. */
  #lastDeadline(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(this.options.waitMs) };
  }
}

async function outcomeOf<T>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'done', value: await act() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function isDenied(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'failed' && StoreError.is(outcome.error, 'permission-denied');
}

function isRefusal(outcome: Outcome<unknown>): boolean {
  return isDenied(outcome) || (outcome.kind === 'failed' && StoreError.is(outcome.error, 'no-space'));
}

async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function contentOf(round: number): Uint8Array {
  return Buffer.from(`varve doctor ${round}\n`.repeat(64));
}
