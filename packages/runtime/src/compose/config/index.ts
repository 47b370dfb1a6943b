/** The config: its types, what is wrong with one, and what has set each value of it. */

export { type CacheRequest, readCacheSettings } from './cache-settings.ts';
export { findCopies } from './core-copies.ts';
export { isRecord } from './mistake.ts';
export { type Origin, originsOf } from './origins.ts';
export { readSettings } from './read-settings.ts';
export { importedConfig, readSetup, unusable, withoutMistakes } from './read-setup.ts';
export { defineConfig, KINDS, type Settings, type Slots, type VarveConfig } from './settings.ts';
