import { defineConfig, type UserConfig } from 'tsdown';

/** One recipe for every package: ESM, Node 20, types beside the code. */
export function library(entry: string[] | Record<string, string>): UserConfig {
  return defineConfig({
    entry,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    unbundle: true,
    dts: true,
    sourcemap: false,
    fixedExtension: false,
    hash: false,
    clean: true,
  }) as UserConfig;
}
