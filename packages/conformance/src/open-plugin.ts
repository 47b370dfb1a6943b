import { tmpdir } from 'node:os';
import { CONTRACT, isPlugin, type Kind, type Kinds, type Plugin, type PluginContext } from '@varve/core/contract';

/** A part of varve, or the plugin that provides it. */
export type Part<K extends Kind> = Kinds[K] | Plugin<K>;

/** Makes the part that a plugin provides, as varve does. Throws `TypeError` for a plugin that varve would refuse. */
export async function openPart<K extends Kind>(kind: K, part: Part<K>): Promise<Kinds[K]> {
  if (!isPlugin(part)) return part as Kinds[K];
  const plugin = part as Plugin<K>;
  const provide = plugin.provides[kind];
  if (provide === undefined) throw new TypeError(`The plugin "${plugin.name}" provides no ${kind}.`);
  if (plugin.contract[kind] !== CONTRACT[kind]) {
    const built = `is built for version ${plugin.contract[kind]} of the ${kind} contract`;
    throw new TypeError(`The plugin "${plugin.name}" ${built}, this kit tests version ${CONTRACT[kind]}.`);
  }
  return provide(testContext());
}

function testContext(): PluginContext {
  const ignore = (): void => undefined;
  return {
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    clock: { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    projectRoot: tmpdir(),
    stateDir: tmpdir(),
    get: async (kind) => {
      throw new TypeError(
        `The kit makes one part alone: there is no ${kind} beside it. Hand it to the plugin as an option.`,
      );
    },
  };
}
