import { definePlugin, type Plugin } from '@varve/core/contract';
import type { SuperjsonOptions } from './options.ts';

/**
 * Creates the plugin: `serializer: superjson({ classes: [Point] })` in `varve.config.ts`. superjson itself is imported when
 * the serializer is first needed. Opening it throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a class or a custom type that
 * it could not restore.
 */
export function superjson(options: SuperjsonOptions = {}): Plugin<'serializer'> {
  return definePlugin({
    name: 'serializer-superjson',
    provides: {
      serializer: async () => {
        const { SuperjsonSerializer } = await import('./serializer.ts');
        return new SuperjsonSerializer(options);
      },
    },
  });
}
