/** Runs flows on this machine: worker threads and processes, the I/O thread, the config, and how the parts are put together. */

export type { OutsideInputs as InputsConfig } from '@varve/core/internal';
export { checkParts } from './compose/check-parts.ts';
export { Composition } from './compose/compose.ts';
export {
  type CacheRequest,
  defineConfig,
  findCopies,
  KINDS,
  type Origin,
  originsOf,
  readSetup,
  type Slots,
  unusable,
  type VarveConfig,
} from './compose/config/index.ts';
export { closed } from './compose/errors.ts';
export { findStack } from './compose/find-stack.ts';
export {
  type Configure,
  type OpenHistory,
  type PartContainer,
  type Parts,
  type PartToken,
  tokens,
} from './compose/parts.ts';
export { type Patience, patienceMs } from './compose/patience.ts';
export { choosePlugin, type Defaults, importFromProject, profilesOf } from './compose/plugins.ts';
export { pruneState } from './compose/prune-state.ts';
export { placeBundle, type Setup, type SetupOptions, setupWithoutConfig } from './compose/setup.ts';
export { projectPath, readCode, sourcePackage, storedTarget, withTexts } from './runs/code-package.ts';
export { executePrepared, type FinishedRun, type StartOptions } from './runs/execute.ts';
export { userName } from './runs/identity.ts';
export { openAmbient } from './runs/open-ambient.ts';
export { type Preparation, type PrepareOptions, prepare, prepareAt, type Target } from './runs/prepare.ts';
export {
  fileOfOrigin,
  type OriginRun,
  openOrigin,
  parametersOf,
  type ResumeRequest,
  requireFlow,
} from './runs/resume-request.ts';
export { startEngine } from './workers/engine.ts';
export { type OpenTaskParts, type OpenTaskPartsOptions, openTaskParts } from './workers/task-parts.ts';
