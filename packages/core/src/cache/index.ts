/** Results that are used again: what a step and a task are looked up by, the pages they are kept in, and why none was found. */
export { type CacheEntry, type EntryOrigin, pathOf, type Withdrawal } from './entry.ts';
export { type Framed, framedDigest } from './framing.ts';
export { decodePage, encodePage, type Page } from './page.ts';
export {
  createPage,
  listPages,
  loadPages,
  mergePages,
  type PageRecord,
  PageWriter,
  readPages,
  type StoredPage,
} from './page-store.ts';
export {
  CACHE_MODES,
  type CacheMode,
  type CacheSettings,
  type Force,
  forcedSteps,
  PURITIES,
  type Purity,
  parseForce,
  policyOf,
  type StepPolicy,
} from './policy.ts';
export { componentsReason, formatReason, parseReason, type Reason, type ReasonCode, readReason } from './reason.ts';
export { type Found, Shelf, type Unusable } from './step-index.ts';
export {
  COMPONENTS_CODEC,
  componentsOf,
  hashEnv,
  readComponents,
  readEnvKey,
  type StepComponents,
  type Surroundings,
  stepKey,
} from './step-key.ts';
export {
  answersOf,
  type Observe,
  observer,
  questionsOf,
  type Seen,
  seenBy,
  taskKey,
  visibleDigest,
} from './task-key.ts';
