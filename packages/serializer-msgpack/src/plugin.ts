import { definePlugin, type Plugin } from '@varve/core/contract';

/** Creates the plugin: `serializer: msgpack()` in `varve.config.ts`. msgpackr is imported when it is first needed. */
export function msgpack(): Plugin<'serializer'> {
  return definePlugin({
    name: 'serializer-msgpack',
    provides: {
      serializer: async () => {
        const { MsgpackSerializer } = await import('./serializer.ts');
        return new MsgpackSerializer();
      },
    },
  });
}
