import { Composition } from './compose.ts';
import type { Configure } from './parts.ts';
import { findSetup, type SetupOptions } from './setup.ts';

/** The stack of the config found from a folder upward, over default plugins. `defaults`: file URL of their module. */
export async function findStack(
  defaults: string,
  options: SetupOptions = {},
  configure?: Configure,
): Promise<Composition> {
  const root = options.from ?? process.cwd();
  // The config itself is compiled by the default loader: no other one is known yet.
  const bare = new Composition({ setup: { defaults, projectRoot: root, stateDir: root } });
  try {
    return new Composition({ setup: await findSetup(defaults, () => bare.get('loader'), options) }, configure);
  } finally {
    await bare.close();
  }
}
