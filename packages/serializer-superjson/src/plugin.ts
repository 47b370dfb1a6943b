import { definePlugin, type Plugin } from '@varve/core/contract';

import { type SerializerOptions, SuperjsonSerializer } from './serializer.ts';

/**
 * Creates the plugin of the serializer: `serializer: superjson({ classes: [Point] })` in `varve.config.ts`.
 * Opening it throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a class that it could not restore.
 */
export function superjson(options: SerializerOptions = {}): Plugin<'serializer'> {
  return definePlugin({
    name: 'serializer-superjson',
    provides: { serializer: () => new SuperjsonSerializer(options) },
  });
}
