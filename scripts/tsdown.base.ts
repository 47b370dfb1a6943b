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
    clean: true,
  }) as UserConfig;
}
