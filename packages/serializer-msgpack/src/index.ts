/** MessagePack as the serializer of varve. */

export { msgpack } from './plugin.ts';
export { MsgpackSerializer } from './serializer.ts';
