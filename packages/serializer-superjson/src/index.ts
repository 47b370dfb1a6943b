export type { AnyClass, ClassRegistration, SerializableClass } from './classes.ts';
export { superjson } from './plugin.ts';
export { SuperjsonSerializer, type SerializerOptions } from './serializer.ts';
