import { Composition } from './compose.ts';
import type { Configure } from './parts.ts';
import { findSetup, type Setup, type SetupOptions } from './setup.ts';

/** The stack of the config found from a folder upward, over default plugins. `defaults`: file URL of their module. */
export async function findStack(
  defaults: string,
  options: SetupOptions = {},
  configure?: Configure,
): Promise<Composition> {
  let bare: Composition | undefined;
  // The config itself is compiled by the default loader: no other one is known yet.
  const loader = (setup: Setup) => {
    bare = new Composition({ setup });
    return bare.get('loader');
  };
  try {
    return new Composition({ setup: await findSetup(defaults, loader, options) }, configure);
  } finally {
    await bare?.close();
  }
}
