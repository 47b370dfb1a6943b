import { join } from 'node:path';
import { CONTRACT, definePlugin, type Hasher, type PluginContext } from '@varve/core/contract';
import { MemoryStore } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { type TieredOptions, tiered } from '../src/index.ts';
import { parseSize } from '../src/options.ts';
import { blob, copiesIn, freshRoot, inMemory, readAll } from './support.ts';

function contextOf(projectRoot: string, hasher?: Hasher): PluginContext {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  const get = async () => {
    if (hasher) return hasher as never;
    throw new Error('there is no other part');
  };
  return { logger, clock, projectRoot, stateDir: join(projectRoot, '.varve'), get };
}

async function open(options: Partial<TieredOptions>, projectRoot = freshRoot(), hasher?: Hasher) {
  const whole = { local: 'near', remote: new MemoryStore(), ...options };
  return tiered(whole).provides.datastore(contextOf(projectRoot, hasher));
}

const pluginOf = (store: MemoryStore) => definePlugin({ name: 'mine', provides: { datastore: async () => store } });

describe('tiered()', () => {
  it('hands on what the remote store says of its place, and names the folders of both', async () => {
    const projectRoot = freshRoot();
    const finding = { about: 'lifecycle', status: 'ok', message: 'all is well' } as const;
    const remote = Object.assign(new MemoryStore(), { inspect: async () => [finding], folders: ['/far'] });
    const store = await open({ remote }, projectRoot);
    expect(await store.inspect?.()).toEqual([finding]);
    expect(store.folders).toEqual(['/far', join(projectRoot, 'near')]);
    const local = Object.assign(new MemoryStore(), { folders: ['/near'] });
    const plain = await open({ local });
    expect([plain.inspect, plain.folders]).toEqual([undefined, ['/near']]);
  });

  it('takes stores and plugins of stores, a relative folder from the root of the project, and closes both', async () => {
    const projectRoot = freshRoot();
    const { key, bytes } = blob(1000);
    const remote = new MemoryStore();
    const folder = await open({ remote: pluginOf(remote) }, projectRoot);
    await folder.put(key, inMemory(bytes));
    expect(copiesIn(join(projectRoot, 'near'))).toEqual([key]);
    const local = new MemoryStore();
    const stores = await open({ remote, local: pluginOf(local) });
    await readAll(stores, key);
    expect(local.keys()).toEqual([key.replace('cas/', 'copies/')]);
    await folder.close?.();
    await stores.close?.();
    expect([remote.closed, local.closed]).toEqual([2, 1]);
  });

  it('closes the copies and the remote store also when one of them fails, and says so', async () => {
    const remote = new MemoryStore();
    const local = new MemoryStore();
    remote.close = () => Promise.reject(new Error('the line is cut'));
    const store = await open({ remote, local });
    await expect(store.close?.()).rejects.toThrow('the line is cut');
    expect(local.closed).toBe(1);
  });

  it('copies what the hasher of the stack names, and nothing of a hasher it does not have', async () => {
    const hasher: Hasher = {
      algorithm: 'sum',
      hash: (parts) => sum(parts),
      create() {
        const parts: Uint8Array[] = [];
        return { update: (part) => void parts.push(part.slice()), digest: () => sum(parts) };
      },
    };
    const { bytes } = blob(1000);
    const hex = sum([bytes]);
    const key = `cas/sum/${hex.slice(0, 2)}/${hex}`;
    const [known, unknown] = [freshRoot(), freshRoot()];
    await (await open({}, known, hasher)).put(key, inMemory(bytes));
    await (await open({}, unknown)).put(key, inMemory(bytes));
    expect([copiesIn(join(known, 'near')), copiesIn(join(unknown, 'near'))]).toEqual([[key], []]);
  });

  const later = { ...pluginOf(new MemoryStore()), contract: { ...CONTRACT, datastore: 9 } };
  Object.defineProperty(later, Symbol.for('varve.Plugin'), { value: true });
  it.each([
    [{ local: '' }, 'local is empty'],
    [{ local: undefined as never }, 'local is no store'],
    [{ remote: undefined as never }, 'remote is no store'],
    [{ remote: 's3://bucket' as never }, 'remote is no store'],
    [{ remote: pluginOf as never }, 'remote is a function'],
    [
      { remote: definePlugin({ name: 'mine', provides: {} }) as never },
      'remote is the plugin mine, which provides no datastore',
    ],
    [{ remote: later }, 'remote is the plugin mine, built for version 9 of the datastore contract'],
    [{ maxBytes: '10 GBit' }, 'maxBytes is "10 GBit"'],
    [{ maxBytes: 0 }, 'maxBytes is 0'],
    [{ maxBytes: Number.NaN }, 'maxBytes is'],
  ])('refuses %o', async (options, message) => {
    await expect(open(options)).rejects.toMatchObject({
      code: 'VARVE_CONFIG',
      message: expect.stringContaining(message),
    });
  });

  it('closes the remote store when the place of the copies is refused', async () => {
    const remote = new MemoryStore();
    await expect(open({ remote, local: '' })).rejects.toMatchObject({ code: 'VARVE_CONFIG' });
    expect(remote.closed).toBe(1);
  });
});

describe('the size of the copies', () => {
  it.each([
    ['10GB', 10e9],
    ['500MB', 500e6],
    [' 1.5 GiB ', 1.5 * 2 ** 30],
    ['2tb', 2e12],
    [5_000_000, 5_000_000],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('%s is %d bytes', (size, bytes) => {
    expect(parseSize(size)).toBe(bytes);
  });
});

function sum(parts: readonly Uint8Array[]): string {
  let total = 0;
  for (const part of parts) for (const byte of part) total = (total * 31 + byte) % 2 ** 31;
  return total.toString(16).padStart(32, '0');
}
