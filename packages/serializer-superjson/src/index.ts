/** Turns JavaScript values into deterministic bytes, and back into exactly the same values. */

export type { AnyClass, ClassRegistration, SerializableClass } from './classes.ts';
export { superjson } from './plugin.ts';
export { type SerializerOptions, SuperjsonSerializer } from './serializer.ts';
