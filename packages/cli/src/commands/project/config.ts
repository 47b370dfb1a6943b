import { relative } from 'node:path';
import type { Finding } from '@varve/core/contract';
import { checkParts, choosePlugin, findCopies, readSetup, type Setup, unusable } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { redactAll } from '../../print/redact.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { originText, type SettingRow, settingRows } from '../settings.ts';
import { checkEnvironment, strangeVariables } from './environment.ts';

/** `varve config`: shows every value that is in force, and what has set it. Throws `VARVE_CONFIG` with all that is wrong. */
export async function config(options: CommonOptions): Promise<number> {
  const { setup } = (await findProject(options)).source;
  const { rows, store, notes } = await readAll(setup, options);
  const { projectRoot, stateDir, configFile } = setup;
  if (options.json) printJson({ projectRoot, stateDir, configFile: configFile ?? null, store, settings: rows, notes });
  else {
    print(settingTable(rows));
    print(`\nproject  ${projectRoot}\nstate    ${stateDir}\nconfig   ${configFile ?? 'none'}\nstore    ${store}`);
    for (const { message, hint } of notes) print(`\nnote     ${message}\n         → ${hint}`);
  }
  return EXIT.ok;
}

interface Shown {
  readonly rows: readonly SettingRow[];
  /** Name of the store. */
  readonly store: string;
  readonly notes: readonly Finding[];
}

/** Reads the config, makes its parts and looks at the environment, so that one report has all that is wrong. */
async function readAll(setup: Setup, options: CommonOptions): Promise<Shown> {
  const { env } = process;
  const { settings, findings } = await readSetup(setup);
  const datastore = await choosePlugin(settings, setup, 'datastore');
  const made = await checkParts({ ...settings, ...(datastore && { datastore }) }, setup, false);
  const wrong = [...findings, ...made.findings, ...checkEnvironment(env)];
  const notes = [...findCopies(settings), ...strangeVariables(env)];
  if (wrong.length > 0) throw unusable(setup.configFile ?? 'the configuration', [...wrong, ...notes]);
  const rows = await settingRows({ setup, settings, options, env }, made.datastore?.compress ?? false);
  // A name never holds a secret, says the contract; plugins of others may.
  const [store = ''] = redactAll([made.datastore?.name ?? 'none'], env);
  return { rows, store, notes };
}

function settingTable(rows: readonly SettingRow[]): string {
  const nameOf = (path: string) => {
    const near = relative(process.cwd(), path);
    return near.startsWith('..') ? path : near;
  };
  return table(
    ['SETTING', 'VALUE', 'FROM'],
    rows.map((row) => [row.setting, valueText(row.value), originText(row, nameOf)]),
  );
}

function valueText(value: SettingRow['value']): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null || value.length === 0 ? 'none' : [value].flat().join(', ');
}
