import { defineConfig, type UserConfig } from 'tsdown';

/**
 * One recipe for every package: ESM, Node 20, types beside the code. Modules are joined into few files, all in one
 * folder, because each file costs about as much to load as hundreds of lines.
 */
export function library(entry: string[] | Record<string, string>): UserConfig {
  return defineConfig({
    entry,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: true,
    sourcemap: false,
    fixedExtension: false,
    hash: false,
    // What several entries share is named after a file of theirs: it must not be called as an entry is.
    outputOptions: { chunkFileNames: '[name].part.js' },
    clean: true,
  }) as UserConfig;
}
