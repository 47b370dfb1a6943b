import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { settingRows } from '../settings.ts';

/** `varve config`: shows the plugin of every kind, and the source of each setting. */
export async function config(options: CommonOptions): Promise<number> {
  const stack = await findProject(options);
  const rows = await settingRows(stack, options);
  const { projectRoot, stateDir, configFile, profile } = stack.source.setup;
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
