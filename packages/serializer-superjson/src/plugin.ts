import { definePlugin, type Plugin } from '@varve/core/contract';

import { type SerializerOptions, SuperjsonSerializer } from './serializer.ts';

/**
 * The serializer as a plugin: `serializer: superjson({ classes: [Point] })` in `varve.config.ts`.
 * Throws `VarveError` (`VARVE_SERIALIZER_CLASS`) when it is opened with a class it could not restore.
 */
export function superjson(options: SerializerOptions = {}): Plugin<'serializer'> {
  return definePlugin({
    name: 'serializer-superjson',
    provides: { serializer: () => new SuperjsonSerializer(options) },
  });
}
