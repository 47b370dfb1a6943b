import { definePlugin, type Loader, type Plugin } from '@varve/core/contract';

/** esbuild has one process for all loaders of this one: it is ended only when nobody compiles. */
let compiling = 0;
let used = false;

/**
 * A Loader that compiles a flow's file, or `varve.config.ts`, and every local module it reaches into one ES module
 * with esbuild. Making one costs nothing: esbuild is imported by the first `compile`.
 *
 * `compile` throws `VarveError`: `VARVE_FILE_NOT_FOUND` for a missing file, `VARVE_NOT_CODE` for a folder or a file
 * that is no JavaScript or TypeScript, `VARVE_COMPILE` with one finding for every mistake in the sources.
 */
export function createLoader(): Loader {
  return {
    async compile(entry, sources) {
      compiling++;
      try {
        const { compileModule } = await import('./compile-module.ts');
        return await compileModule(entry, sources);
      } finally {
        compiling--;
        used = true;
      }
    },
    async close() {
      if (used && compiling === 0) await (await import('esbuild')).stop();
    },
  };
}

/** The loader as a part of a configuration: `plugins: [esbuildLoader()]`. */
export function esbuildLoader(): Plugin<'loader'> {
  return definePlugin<'loader'>({ name: 'loader', provides: { loader: () => createLoader() } });
}
