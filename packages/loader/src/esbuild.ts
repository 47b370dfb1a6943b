import { createRequire } from 'node:module';

/**
 * Loads esbuild with `require`: for an `import`, Node would first search its 90 kB of CommonJS for the names of its exports,
 * which costs more than loading it.
 */
export function loadEsbuild(): typeof import('esbuild') {
  return createRequire(import.meta.url)('esbuild');
}
