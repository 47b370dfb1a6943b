import { definePlugin, type Plugin } from '@varve/core/contract';
import { exact } from '@varve/serializer-exact';
import { fsStore } from '@varve/store-fs';
import { expect, expectTypeOf, it } from 'vitest';
import { defineConfig, type VarveConfig } from '../../src/index.ts';

/** Compiled and never called: what does not compile in it is the test. */
const unused = (use: () => void) => expect(use).toBeTypeOf('function');
const store = fsStore({ root: 'store' });

it('has a type for every setting of a config', () =>
  unused(() => {
    defineConfig({});
    defineConfig({
      datastore: store,
      serializer: exact(),
      readers: [exact()],
      cache: { mode: 'read', maxAge: '2d', purity: 'strict' },
      inputs: { env: { include: ['A_*'], exclude: ['B'] }, files: { exclude: ['logs/**'] } },
      profiles: { ci: { datastore: store, cache: { mode: 'off' } }, none: {} },
    });
    const both = definePlugin<'datastore' | 'hasher'>({ name: 'both', provides: { datastore: never, hasher: never } });
    defineConfig({ datastore: both, hasher: both });
    expectTypeOf<NonNullable<VarveConfig['datastore']>>().toEqualTypeOf<Plugin<'datastore'>>();
  }));

it('refuses in the editor what varve would refuse later', () =>
  unused(() => {
    // @ts-expect-error: a typing mistake
    defineConfig({ datastroe: store });
    // @ts-expect-error: not called
    defineConfig({ datastore: fsStore });
    // @ts-expect-error: a store where a serializer belongs
    defineConfig({ serializer: store });
    // @ts-expect-error: a promise
    defineConfig({ datastore: Promise.resolve(store) });
    // @ts-expect-error: a list
    defineConfig({ datastore: [store] });
    // @ts-expect-error: a class
    defineConfig({ datastore: class {} });
    // @ts-expect-error: one reader, not a list
    defineConfig({ readers: exact() });
    // @ts-expect-error: a store reads no artifacts of others
    defineConfig({ readers: [store] });
    // @ts-expect-error: no such mode
    defineConfig({ cache: { mode: 'readd' } });
    // @ts-expect-error: another case
    defineConfig({ cache: { maxage: '2d' } });
    // @ts-expect-error: no duration
    defineConfig({ cache: { maxAge: 'soon' } });
    // @ts-expect-error: a typing mistake further inside
    defineConfig({ inputs: { env: { exclud: [] } } });
    // @ts-expect-error: a typing mistake in a profile
    defineConfig({ profiles: { ci: { datastroe: store } } });
    // @ts-expect-error: profiles have no profiles
    defineConfig({ profiles: { ci: { profiles: {} } } });
    // @ts-expect-error: options of a store have types too
    fsStore({ rot: 'store' });
  }));

const never = (): never => {
  throw new Error('never made');
};
