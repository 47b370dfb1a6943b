/** The cache: step keys, task keys, the index of one step, its pages, and the reasons of a miss. */
export { type CacheEntry, pathOf } from './entry.ts';
export { framedDigest } from './framing.ts';
export { type PageRecord, PageWriter, type StoredPage, createPage, listPages, loadPages, mergePages, readPages } from './page-store.ts';
export { type Page, decodePage } from './page.ts';
export { CACHE_MODES, type CacheMode, type CacheSettings, type Force, PURITIES, type Purity, type StepPolicy, forcedSteps, parseForce, policyOf } from './policy.ts';
export { type Reason, componentsReason, formatReason, parseReason, readReason } from './reason.ts';
export { StepIndex, type Unusable } from './step-index.ts';
export { COMPONENTS_CODEC, type StepComponents, type Surroundings, componentsOf, hashEnv, readComponents, readEnvKey, stepKey } from './step-key.ts';
export { inputsDigest, observeReads, observer, readNames, readsOf, taskKey } from './task-key.ts';
