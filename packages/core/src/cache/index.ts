/** The cache of results: keys of steps and tasks, the index of one step, its stored pages, and reasons of a miss. */
export { type CacheEntry, pathOf, referencesOf } from './entry.ts';
export { framedDigest } from './framing.ts';
export { decodePage, encodePage, type Page, type StoredPage } from './page.ts';
export {
  createPage,
  listPages,
  loadPage,
  loadPages,
  mergePages,
  type PageFault,
  type PageRecord,
  PageWriter,
  paginate,
  readPages,
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
export { componentsReason, formatReason, parseReason, type Reason, readReason } from './reason.ts';
export { type Candidates, findResult, StepIndex, type Unusable } from './step-index.ts';
export {
  COMPONENTS_CODEC,
  componentsOf,
  hideToken,
  readComponents,
  readEnvKey,
  type StepComponents,
  type Surroundings,
  stepKey,
} from './step-key.ts';
export {
  ambientReads,
  inputsDigest,
  type Observe,
  observeReads,
  observer,
  readNames,
  readsOf,
  type Tokens,
  taskKey,
  withAmbient,
} from './task-key.ts';
