/** Shared by the tests of several packages. Not published. */
export { freshFolder, hashOf, noise, testSerializer } from './bytes.ts';
export { step } from './graph.ts';
export { ManualClock, settle } from './manual-clock.ts';
export { MemoryStore } from './memory-store.ts';
export { Random } from './random.ts';
export { bytesOf, collect, digestOf, referenceOf, runRecord, succeeded } from './runs.ts';
