import { defineConfig, type UserConfig } from 'tsdown';

/**
 * Build configuration of every package: ESM, Node 20, types beside the code. Modules are joined into few files, all in one
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
    // Shared chunks are named after one of their files: the name must differ from that of an entry.
    outputOptions: { chunkFileNames: '[name].part.js' },
    clean: true,
  }) as UserConfig;
}
