/** What a flow's modules load, what they patch while they do, and which packages those files belong to. */
export { requiredFiles } from './common-js.ts';
export { ScannedFiles } from './files/scanned-files.ts';
export { type LoadedModules, loadTokens, readLoaded, tokensOf } from './loaded-modules.ts';
export {
  changesForOthers,
  installModules,
  isThreadIntact,
  lookAround,
  type ObservedLoad,
  observeLoad,
} from './observe-load.ts';
export { lookModules } from './packages/look-modules.ts';
