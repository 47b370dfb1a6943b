/** Runs flows on this machine: worker threads and processes, the I/O thread, the config, and how the parts are put together. */
export { defineConfig, KINDS, type Slots, type VarveConfig } from './compose/config.ts';
export { type OpenHistory, openHistory } from './compose/open-history.ts';
export { choosePlugins, type Defaults, openHasher, openPart } from './compose/open-parts.ts';
export { pruneState } from './compose/prune-state.ts';
export { findSetup, placeBundle, type Setup, type SetupOptions } from './compose/setup.ts';
export { createBlobAccess } from './io/blob-client.ts';
export { projectPath, readCode, sourcePackage, storedTarget } from './runs/code-package.ts';
export { executePrepared, type FinishedRun, type StartOptions } from './runs/execute.ts';
export { userName } from './runs/identity.ts';
export { type Preparation, type PrepareOptions, prepare, type Target } from './runs/prepare.ts';
export {
  fileOfOrigin,
  type OriginRun,
  openOrigin,
  parametersOf,
  type ResumeRequest,
  requireFlow,
} from './runs/resume-request.ts';
export { startEngine } from './workers/engine.ts';
export { linkTo } from './workers/threads.ts';
