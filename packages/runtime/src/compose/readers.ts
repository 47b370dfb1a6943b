import type { Plugin, Serializer } from '@varve/core/contract';
import type { Settings } from './config/index.ts';
import { type PluginSource, pluginByDefault } from './plugins.ts';

/**
 * The plugins of a kind that read what earlier stacks have written, in the order in which they are asked: those of the
 * config, then varve's own, which wrote every store that has no config. `isReplaced`: code has put another part in the place of
 * the one that the config names, which reads then too.
 */
export async function readersOf<K extends 'serializer' | 'hasher'>(
  settings: Settings,
  setup: PluginSource['setup'],
  kind: K,
  isReplaced = false,
): Promise<readonly Plugin<K>[]> {
  const listed = (settings.readers ?? []).filter(
    (plugin): plugin is Plugin<K> & typeof plugin => kind in plugin.provides,
  );
  const named = settings[kind] as Plugin<K> | undefined;
  const replaced = isReplaced && named ? [named] : [];
  const own = named || isReplaced ? await pluginByDefault(setup, kind) : undefined;
  return [...replaced, ...listed, ...(own ? [own] : [])];
}

/** Writes as `main` does, and reads also what `readers` have written: the first that knows a codec. */
export function withReaders(main: Serializer, readers: readonly Serializer[]): Serializer {
  if (readers.length === 0) return main;
  const readerOf = (codec: string) => [main, ...readers].find((one) => one.decodes(codec));
  const classes = [main, ...readers].flatMap((one) => one.classes ?? []);
  return {
    id: main.id,
    deterministic: main.deterministic,
    ...(classes.length > 0 && { classes }),
    encode: (value) => main.encode(value),
    decodes: (codec) => readerOf(codec) !== undefined,
    decode: (codec, bytes) => (readerOf(codec) ?? main).decode(codec, bytes),
  };
}
