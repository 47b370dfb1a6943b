import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginContext } from 'varve';

const STATE = fileURLToPath(new URL('../.varve/', import.meta.url));
const CONFIG = `import { pipeRunner } from 'example-custom-runner';
import { defineConfig, definePlugin } from 'varve';

const pipes = pipeRunner({ width: 2, graceMs: 300 });
const runner = (context) => {
  globalThis.contextOfRunner = context;
  return pipes.provides.runner(context);
};
export default defineConfig({ runner: definePlugin({ name: 'pipe-runner', provides: { runner } }) });
`;

/** Creates a project whose config names the runner, as it is built, inside this package so that imports are found. */
export function createProject() {
  mkdirSync(STATE, { recursive: true });
  const folder = mkdtempSync(join(STATE, 'project-'));
  const config = join(folder, 'varve.config.mjs');
  writeFileSync(config, CONFIG);
  return { folder, config, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Returns the context that varve gave to the runner of a project. */
export function contextOfRunner(): PluginContext {
  return (globalThis as unknown as { contextOfRunner: PluginContext }).contextOfRunner;
}
