/** superjson as the serializer of varve. */

export type { AnyClass, CustomType, RegisteredClass, SuperjsonOptions } from './options.ts';
export { superjson } from './plugin.ts';
export { SuperjsonSerializer } from './serializer.ts';
