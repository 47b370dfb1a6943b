/** Turns JavaScript values into deterministic bytes, and back into exactly the same values. */

export type { AnyClass, ClassRegistration, SerializableClass } from './classes.ts';
export { exact } from './plugin.ts';
export { ExactSerializer, type SerializerOptions } from './serializer.ts';
