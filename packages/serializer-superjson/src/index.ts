/** Stores values with superjson, and refuses what superjson would lose. */
export type { AnyClass, CustomType, RegisteredClass, SuperjsonOptions } from './options.ts';
export { superjson } from './plugin.ts';
export { SuperjsonSerializer } from './serializer.ts';
