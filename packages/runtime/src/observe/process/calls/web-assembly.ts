import { watchMethod } from '../../shared/disguise.ts';
import { refuseUse } from './note-call.ts';
import { loadQuietly } from './quiet-modules.ts';

/** Observes programs for WASI: files, clock and chance reach them past all modules. */
export function installPrograms(): void {
  const wasi = loadQuietly('node:wasi');
  if (wasi === undefined) return;
  const { prototype } = wasi.module.WASI as { readonly prototype: object };
  for (const key of ['start', 'initialize', 'finalizeBindings', 'getImportObject']) {
    watchMethod(prototype, key, (wrapper) => {
      wasi.announce();
      refuseUse('WASI', wrapper);
    });
  }
}
