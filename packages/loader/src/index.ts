export { createLoader, esbuildLoader } from './esbuild-loader.ts';
