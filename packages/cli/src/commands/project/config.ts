import { choosePlugin, KINDS } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

/** Shown for kinds without a plugin in the config and in the default stack. */
const BUILT_IN: Readonly<Record<string, string>> = {
  metadata: 'in the datastore',
  hasher: 'sha256',
  runner: 'threads',
};

/** `varve config`: shows the plugin of every kind, and the source of each setting. */
export async function config(options: CommonOptions): Promise<number> {
  const stack = await findProject(options);
  const { setup } = stack.source;
  const slots = await stack.settings();
  const plugins = await Promise.all(KINDS.map((kind) => choosePlugin(slots, setup, kind)));
  const rows = KINDS.map((kind, i) => {
    const from =
      kind === 'datastore' && setup.storeName !== undefined
        ? '--store'
        : slots[kind]
          ? (setup.configFile ?? '')
          : 'default';
    return { kind, plugin: plugins[i]?.name ?? BUILT_IN[kind] ?? 'none', from };
  });
  const { projectRoot, stateDir, configFile, profile } = setup;
  if (options.json) printJson({ projectRoot, stateDir, configFile, profile, slots: rows });
  else {
    print(
      table(
        ['SETTING', 'VALUE', 'FROM'],
        rows.map(({ kind, plugin, from }) => [kind, plugin, from]),
      ),
    );
    print(
      `\nproject  ${projectRoot}\nstate    ${stateDir}\nconfig   ${configFile ?? 'none'}\nprofile  ${profile ?? 'none'}`,
    );
  }
  return EXIT.ok;
}
