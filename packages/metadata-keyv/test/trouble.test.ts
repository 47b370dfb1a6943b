import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type KeyvStore, keyv } from '../src/index.ts';
import { listed, makeRun, open, refusal } from './support.ts';

const RUN = makeRun('Penguins', 1);
const SECRET = 's3cr3t/pa@ss';
const ADDRESS = `redis://ada:${SECRET}@db.example:6379`;

/** It has the name of the one of Keyv. */
class KeyvPostgres extends EventEmitter {}

/** An adapter whose calls do this. */
function adapter(call: (store: EventEmitter) => unknown, more: object = {}): () => KeyvStore {
  return () => {
    const store = new EventEmitter();
    const act = async () => call(store);
    return Object.assign(store, { get: act, set: act, delete: act, clear: act, ...more }) as unknown as KeyvStore;
  };
}

describe('a store of Keyv in trouble', () => {
  it.each([
    ['throws', adapter(() => Promise.reject(new Error('gone')))],
    ['says so beside an answer that nothing is there', adapter((store) => void store.emit('error', new Error('gone')))],
    [
      'says so beside an answer of many that nothing is there',
      adapter(() => undefined, {
        async getMany(this: EventEmitter, keys: string[]) {
          this.emit('error', new Error('gone'));
          return keys.map(() => undefined);
        },
      }),
    ],
  ])('is not taken for an empty one when it %s', async (_, store) => {
    const provider = await open({ store });
    for (const call of [() => listed(provider), () => provider.run('Penguins', '1'), () => provider.createRun(RUN)])
      expect(await refusal(call())).toMatchObject({
        name: 'StoreError',
        code: 'unavailable',
        message: expect.stringMatching(/gone/),
      });
  });

  it('ends a call in time that gets no answer, and names the error that it has heard meanwhile', async () => {
    const store = adapter(() => new Promise(() => {}));
    const silent = await open({ store, timeoutMs: 30 });
    const at = performance.now();
    expect(await refusal(silent.createRun(RUN))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/within 30 ms/),
    });
    expect(performance.now() - at).toBeLessThan(2_000);
    await silent.close?.();
  });

  it('is made anew after it could not be reached', async () => {
    const map = new Map();
    let made = 0;
    const gone = adapter(() => Promise.reject(new Error('gone')));
    const provider = await open({ store: () => (made++ === 0 ? gone() : map) });
    expect(await refusal(provider.createRun(RUN))).toMatchObject({ code: 'unavailable' });
    await provider.createRun(RUN);
    expect(await listed(provider)).toEqual(['Penguins#1']);
    expect(made).toBe(2);
  });

  it.each([
    ['WRONGPASS invalid username-password pair', undefined, 'permission-denied'],
    ['password authentication failed for user "ada"', '28P01', 'permission-denied'],
    ["OOM command not allowed when used memory > 'maxmemory'", undefined, 'no-space'],
    ['could not extend file: No space left on device', '53100', 'no-space'],
    ['the database system is starting up', '57P03', 'unavailable'],
  ])('fails with an error one can act on: %s', async (message, code, expected) => {
    const provider = await open({ store: adapter(() => Promise.reject(Object.assign(new Error(message), { code }))) });
    expect(await refusal(provider.createRun(RUN))).toMatchObject({ code: expected });
  });

  it('never shows the password of an address', async () => {
    const error = Object.assign(new TypeError(`Invalid URL: ${ADDRESS}`), { input: ADDRESS });
    const factory = (): never => {
      throw error;
    };
    const stores = [factory, adapter(() => Promise.reject(error)), adapter((store) => void store.emit('error', error))];
    for (const store of stores) {
      const found = await refusal((await open({ store })).createRun(RUN));
      expect(`${found.message} ${JSON.stringify(found)} ${found.stack} ${String(found.cause)}`).not.toContain(SECRET);
      expect(found.message).toContain('redis://***@db.example:6379');
      expect(found.cause).toBeUndefined();
    }
  });
});

describe('the options of keyv', () => {
  it.each([
    ['an address', { store: ADDRESS }, /of type string/],
    ['no store', {}, /of type undefined/],
    ['an object', { store: { get() {} } }, /without get, set, delete, clear/],
    ['a namespace with a colon', { store: new Map(), namespace: 'a:b' }, /namespace/],
    ['no time', { store: new Map(), timeoutMs: 0 }, /timeoutMs is 0/],
  ])('are refused: %s', (_, options, message) => {
    const make = () => keyv(options as never);
    expect(make).toThrow(expect.objectContaining({ code: 'VARVE_CONFIG', message: expect.stringMatching(message) }));
    expect(make).not.toThrow(SECRET);
  });

  it.each([
    ['a class', class KeyvRedis {}, /without 'new'/],
    ['a factory of nothing', () => undefined, /of type undefined/],
    ['a Map that each thread would make for itself', () => new Map(), /memory of one thread/],
    [
      'Postgres with the pool of the adapter',
      () => Object.assign(new KeyvPostgres(), adapter(() => {})()),
      /KeyvPostgres/,
    ],
  ])('are refused when the store is made: %s', async (_, store, message) => {
    const provider = await open({ store: store as never }, {});
    expect(await refusal(provider.createRun(RUN))).toMatchObject({
      code: 'VARVE_CONFIG',
      message: expect.stringMatching(message),
    });
  });
});
