import type { Kind } from '@varve/core/contract';
import { type Composition, choosePlugin, KINDS, originsOf } from '@varve/runtime';
import type { CommonOptions } from './options.ts';

/** Shown for kinds without a plugin in the config and in the default stack. */
const BUILT_IN: Readonly<Record<string, string>> = {
  metadata: 'in the datastore',
  index: 'none',
  hasher: 'sha256',
  runner: 'threads',
};

/** The plugin of one kind, and what has chosen it. */
export interface SettingRow {
  readonly kind: Kind;
  readonly plugin: string;
  /** An option, a variable, the config with its profile, or `default`. */
  readonly from: string;
}

/** The plugins of a stack, by kind. Throws `VARVE_CONFIG` when the config cannot be used. */
export async function settingRows(stack: Composition, options: CommonOptions): Promise<SettingRow[]> {
  const { setup } = stack.source;
  const slots = await stack.settings();
  const originOf = await originsOf(setup);
  const names = {
    store: options.store === undefined ? 'the variable VARVE_STORE' : '--store',
    profile: `${setup.configFile}, profile ${setup.profile}`,
    config: setup.configFile ?? '',
    default: 'default',
  };
  const row = async (kind: Kind) => {
    const plugin = await choosePlugin(slots, setup, kind);
    return { kind, plugin: plugin?.name ?? BUILT_IN[kind] ?? 'none', from: names[originOf(kind)] };
  };
  return Promise.all(KINDS.map(row));
}
