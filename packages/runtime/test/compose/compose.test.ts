import { definePlugin, type Kind, type PluginContext } from '@varve/core/contract';
import { MemoryDatastore } from '@varve/core/internal';
import { describe, expect, it } from 'vitest';
import { Composition } from '../../src/compose/compose.ts';
import { type Parts, tokens } from '../../src/compose/parts.ts';

const SETUP = {
  projectRoot: '/none',
  stateDir: '/none/.varve',
  defaults: 'data:text/javascript,export default {}',
};

/** Notes when parts are closed. */
const log: string[] = [];

/** What the interfaces of serializers, runners and loaders demand, and nobody calls here. */
const MEMBERS = ['id', 'capabilities', 'encode', 'decodes', 'decode', 'run', 'compile'];
const standIn = Object.fromEntries(MEMBERS.map((member) => [member, () => {}]));

function part(kind: Kind, needs: readonly Kind[] = [], close = async () => void log.push(kind)) {
  return definePlugin({
    name: kind,
    provides: {
      [kind]: async (context: PluginContext) => {
        for (const other of needs) await context.get(other);
        return kind === 'datastore'
          ? Object.assign(new MemoryDatastore(), { close })
          : { ...standIn, name: kind, close };
      },
    } as never,
  });
}

function compose(given: object): Composition {
  log.length = 0;
  return new Composition({ setup: SETUP, given });
}

describe('the parts of a stack', () => {
  it('are closed each before the parts it was made of, whichever was asked for first', async () => {
    for (const first of ['runner', 'datastore'] as const) {
      const stack = compose({
        datastore: part('datastore'),
        runner: part('runner', ['datastore', 'serializer']),
        serializer: part('serializer', ['datastore']),
      });
      await stack.get(first);
      await stack.get('runner');
      await stack.close();
      expect(log).toEqual(['runner', 'serializer', 'datastore']);
    }
  });

  it('are all closed when one fails to close, and close() rejects with its error', async () => {
    const fails = async () => {
      throw new Error('stuck');
    };
    const stack = compose({ datastore: part('datastore'), serializer: part('serializer', ['datastore'], fails) });
    await stack.get('serializer');
    await expect(stack.close()).rejects.toThrow('stuck');
    expect(log).toEqual(['datastore']);
    await expect(stack.get('store')).rejects.toMatchObject({ code: 'VARVE_CLOSED' });
  });

  it('end what works on them first', async () => {
    const stack = compose({ datastore: part('datastore') });
    await stack.get('store');
    stack.onClose(async () => void log.push('run'));
    stack.onClose(async () => void log.push('forgotten'))();
    await stack.close();
    expect(log).toEqual(['run', 'datastore']);
  });

  it('are made once, and made again by the next call when that failed', async () => {
    let made = 0;
    const flaky = definePlugin({
      name: 'flaky',
      provides: {
        datastore: () => {
          if (++made === 1) throw new Error('out of reach');
          return new MemoryDatastore();
        },
      },
    });
    const stack = compose({ datastore: flaky });
    await expect(stack.get('store')).rejects.toThrow('out of reach');
    const [one, two] = await Promise.all([stack.get('datastore'), stack.get('datastore')]);
    expect(one).toBe(two);
    expect(made).toBe(2);
  });

  it.each([
    ['one side', ['datastore']],
    ['both sides at once', ['datastore', 'serializer']],
    ['three parts', ['hasher']],
  ] as const)('that wait for each other are named: asked for from %s', async (_, asked) => {
    const stack = compose({
      datastore: part('datastore', ['serializer']),
      serializer: part('serializer', ['hasher']),
      hasher: part('hasher', ['datastore']),
    });
    const results = await Promise.allSettled(asked.map((kind: keyof Parts) => stack.get(kind)));
    const reasons = results.map(
      (result) => (result as PromiseRejectedResult).reason as { code: string; message: string },
    );
    for (const { code, message } of reasons) {
      expect(code).toBe('VARVE_PART_CIRCLE');
      for (const kind of ['datastore', 'serializer', 'hasher']) expect(message).toContain(kind);
    }
    await stack.close();
  });

  it('count as replaced only when they were really given', () => {
    const stack = compose({ datastore: part('datastore'), serializer: undefined });
    expect([stack.isReplaced('datastore'), stack.isReplaced('serializer')]).toEqual([true, false]);
  });

  it('are replaced by their tokens, and by nothing else', async () => {
    const store = new MemoryDatastore();
    const stack = new Composition({ setup: SETUP }, (c) =>
      c.register(tokens.datastore, { useFactory: async () => store }),
    );
    expect(await stack.get('datastore')).toBe(store);
    const wrong = () =>
      new Composition({ setup: SETUP }, (c) => c.register(Symbol('other') as never, { useValue: store as never }));
    expect(wrong).toThrow(/Symbol\(other\) is not the token of a part/);
    const nothing = () => new Composition({ setup: SETUP }, (c) => c.register(tokens.datastore, {} as never));
    expect(nothing).toThrow(/registers datastore with neither/);
    const late = () => new Composition({ setup: SETUP }, (async () => {}) as never);
    expect(late).toThrow(/returned a promise/);
  });

  it('of a kind that is used are closed when the last user is done, and made anew for the next', async () => {
    const stack = compose({ loader: part('loader') });
    let release = () => {};
    const long = stack.use(
      'loader',
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await stack.use('loader', async () => {});
    expect(log).toEqual([]);
    release();
    await long;
    expect(log).toEqual(['loader']);
    await stack.use('loader', async () => {});
    expect(log).toEqual(['loader', 'loader']);
  });

  it('may be asked for by what a part started, long after that part was made', async () => {
    let ask = async () => {};
    const datastore = definePlugin({
      name: 'datastore',
      provides: {
        datastore: (context: PluginContext) => {
          const timer = new Promise((resolve) => setTimeout(resolve, 20));
          ask = async () => timer.then(() => context.get('serializer')).then(() => {});
          timer.then(ask);
          return new MemoryDatastore();
        },
      },
    });
    const stack = compose({ datastore, serializer: part('serializer', ['datastore']) });
    await stack.get('datastore');
    await ask();
    await stack.close();
  });
});
