import { definePlugin, type Plugin } from '@varve/core/contract';
import { type MetadataKeyvOptions, readOptions } from './settings.ts';

/**
 * Creates the plugin: `metadata: keyv({ store: () => new KeyvRedis(…) })` in `varve.config.ts`. Keyv is imported, and the store
 * made, when a journal is first read or written. Throws `VARVE_CONFIG` for options it cannot use.
 */
export function keyv(options: MetadataKeyvOptions): Plugin<'metadata'> {
  const { makeStore, ...rest } = readOptions(options);
  return definePlugin({
    name: 'metadata-keyv',
    provides: {
      metadata: async ({ clock, stack }) => {
        const { KeyvJournals } = await import('./journals.ts');
        return new KeyvJournals({ ...rest, clock, makeStore: () => makeStore(stack !== undefined) });
      },
    },
  });
}
