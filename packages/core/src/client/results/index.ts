export type { ObjectState } from './check-objects.ts';
export type { InvalidationNote as WithdrawalNote } from './invalidate.ts';
export type { PageFault } from './read-indexes.ts';
export { nameOfResult, parseResultSelector, type Result, type ResultQuery, sizeOfResult } from './result.ts';
export * from './result-cache.ts';

export type { CacheStats, RunsStats, StepStats } from './stats.ts';
export { type DamagedResult, isSound, type Repair, type ResultFault, type Verification } from './verify.ts';
