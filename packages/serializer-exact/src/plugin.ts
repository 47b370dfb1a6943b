import { definePlugin, type Plugin } from '@varve/core/contract';

import { ExactSerializer, type SerializerOptions } from './serializer.ts';

/**
 * Creates the plugin of the serializer: `serializer: exact({ classes: [Point] })` in `varve.config.ts`.
 * Opening it throws `VarveError` (`VARVE_SERIALIZER_CLASS`) for a class that it could not restore.
 */
export function exact(options: SerializerOptions = {}): Plugin<'serializer'> {
  return definePlugin({
    name: 'serializer-exact',
    provides: { serializer: () => new ExactSerializer(options) },
  });
}
