/** Results that are used again: what a step and a task are looked up by, the pages they are kept in, and why none was found. */
export { type CacheEntry, type Invalidation as Withdrawal, type Producer as EntryOrigin, pathOf } from './entry.ts';
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
export { type Found, StepIndex, type Unusable } from './step-index.ts';
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
  inputsDigest as visibleDigest,
  type Observe,
  observeReads as seenBy,
  observer,
  readNames as questionsOf,
  readsOf as answersOf,
  type Seen,
  taskKey,
} from './task-key.ts';
