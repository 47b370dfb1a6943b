/** The loader of varve: compiles the file of a flow into one ES module, and lists every module it is made of. */

export { createLoader, esbuildLoader } from './esbuild-loader.ts';
