import { type Hasher, type Kind, type Kinds, type Serializer, VarveError } from '@varve/core/contract';
import { makePart, sha256Hasher } from '@varve/core/internal';
import type { Composition } from './compose.ts';
import { createContext } from './context.ts';
import { choosePlugin, settingsOf } from './plugins.ts';
import { readersOf, withReaders } from './readers.ts';
import type { Setup } from './setup.ts';

/** The two parts that a worker needs, and the end of what they took from others. */
export interface TaskKinds {
  readonly serializer: Serializer;
  readonly hasher: Hasher;
  close(): Promise<void>;
}

/**
 * Makes the parts of a stack that execute tasks. Without the container, which a worker would load for nothing, and whose
 * `Reflect.metadata` the code of a flow should not see; it is loaded when a plugin asks for another part.
 */
export async function openTaskKinds(setup: Setup): Promise<TaskKinds> {
  let others: Promise<Composition> | undefined;
  const find = async <K extends Kind>(kind: K): Promise<Kinds[K] | undefined> => {
    others ??= import('./compose.ts').then(({ Composition }) => new Composition({ setup }));
    return (await others).get(kind) as Promise<Kinds[K] | undefined>;
  };
  const context = createContext(setup, false, find);
  const settings = await settingsOf({ setup });
  const open = async <K extends 'serializer' | 'hasher'>(kind: K) => {
    const plugin = await choosePlugin(settings, setup, kind);
    return plugin && makePart(kind, plugin, context);
  };
  const readers = async () => {
    const plugins = await readersOf(settings, setup, 'serializer');
    return Promise.all(plugins.map((plugin) => makePart('serializer', plugin, context)));
  };
  const [main, hasher = sha256Hasher] = await Promise.all([open('serializer'), open('hasher')]);
  const close = async () => (await others)?.close();
  if (main) return { serializer: withReaders(main, await readers()), hasher, close };
  throw new VarveError('VARVE_CONFIG', 'no plugin provides a serializer', {
    hint: 'Set serializer in varve.config.ts.',
  });
}
