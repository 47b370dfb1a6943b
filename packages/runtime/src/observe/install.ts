import { syncBuiltinESMExports } from 'node:module';
import { observeLoads } from '@varve/core/internal';
import { installFiles, noteCommand, noteFileRead } from './files/index.ts';
import { installModules, observeLoad, ScannedFiles } from './load/index.ts';
import { indexFile, type ObserveOptions } from './options.ts';
import { installProcess } from './process/index.ts';

/**
 * Makes this thread observe what the code of a flow looks at outside of the run. Call it once a thread, before any code of
 * the user is loaded. What happens inside a task or while a flow is loaded belongs to the `AmbientInputs` there; anything
 * else is let through untouched.
 */
export function installObservers(options: ObserveOptions): void {
  installFiles(options);
  installProcess(options, noteFileRead, noteCommand);
  // Named imports of Node's modules keep what they were otherwise.
  syncBuiltinESMExports();
  const { root, own } = options;
  installModules({ root, own, files: new ScannedFiles(indexFile(options)), noteFile: noteFileRead });
  observeLoads(observeLoad);
}
