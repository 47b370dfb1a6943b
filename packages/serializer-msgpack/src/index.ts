/** Stores values as MessagePack, and refuses what MessagePack would lose. */
export { msgpack } from './plugin.ts';
export { MsgpackSerializer } from './serializer.ts';
