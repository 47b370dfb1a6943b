/** Results that are used again: what a step and a task are looked up by, the pages they are kept in, and why none was found. */
export type { CacheEntry, EntryOrigin, Withdrawal } from './entry.ts';
export { pathOf } from './entry.ts';
export { hashEnv, readEnvKey } from './env-key.ts';
export { type Framed, framedDigest } from './framing.ts';
export { type Observe, observer, visibleDigest } from './observe.ts';
export { encodePage, type Page } from './page.ts';
export { createPage, listPages, loadPages, mergePages, readPages, type StoredPage } from './page-store.ts';
export { type PageRecord, PageWriter } from './page-writer.ts';
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
export { readComponents } from './read-components.ts';
export { decodePage } from './read-page.ts';
export { componentsReason, formatReason, parseReason, type Reason, type ReasonCode, readReason } from './reason.ts';
export { type Found, Shelf, type Unusable } from './step-index.ts';
export {
  COMPONENTS_CODEC,
  componentsOf,
  type StepComponents,
  type Surroundings,
  stepKey,
} from './step-key.ts';
export { answersOf, questionsOf, type Seen, seenBy, taskKey } from './task-key.ts';
