/**
 * The contract between varve and its plugins: interfaces, their errors, and `definePlugin`.
 * No runtime dependency, and it imports nothing else.
 */
export * from './datastore.ts';
export * from './error.ts';
export * from './fingerprinter.ts';
export * from './hasher.ts';
export * from './metadata.ts';
export * from './modules.ts';
export * from './plugin.ts';
export * from './read-name.ts';
export * from './reference.ts';
export * from './runner.ts';
export * from './serializer.ts';
export * from './step-record.ts';
