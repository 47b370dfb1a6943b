import { join } from 'node:path';
import { definePlugin, type Loader, type Plugin } from '@varve/core/contract';
import { loadEsbuild } from './esbuild.ts';
import type { KnownDeclared } from './graph/known-declared.ts';

export interface LoaderOptions {
  /** Absolute folder in which it is remembered what files declare, so that the next process needs no parser for them. */
  readonly cacheDir?: string;
}

/** Compilations under way in this process. All its loaders share one esbuild process, which is stopped only at zero. */
let compiling = 0;
let used = false;

/**
 * Creates a Loader that compiles a flow's file, or `varve.config.ts`, and every local module it reaches into one ES module
 * with esbuild. Creating one is cheap: the first `compile` imports esbuild.
 *
 * `compile` throws `VarveError`: `VARVE_FILE_NOT_FOUND` for a missing file, `VARVE_NOT_CODE` for a folder or a file
 * that is no JavaScript or TypeScript, `VARVE_COMPILE` with one finding for every mistake in the sources.
 */
export function createLoader({ cacheDir }: LoaderOptions = {}): Loader {
  let declared: Promise<KnownDeclared> | undefined;
  return {
    async compile(entry, sources) {
      compiling++;
      try {
        const { compileModule } = await import('./compile-module.ts');
        declared ??= import('./graph/known-declared.ts').then((module) => new module.KnownDeclared(cacheDir));
        return await compileModule(entry, sources, await declared);
      } finally {
        compiling--;
        used = true;
      }
    },
    async close() {
      if (used && compiling === 0) await loadEsbuild().stop();
    },
  };
}

/** Wraps the loader as a plugin for a configuration: `plugins: [esbuildLoader()]`. */
export function esbuildLoader(): Plugin<'loader'> {
  return definePlugin<'loader'>({
    name: 'loader',
    provides: { loader: ({ stateDir }) => createLoader({ cacheDir: join(stateDir, 'cache') }) },
  });
}
