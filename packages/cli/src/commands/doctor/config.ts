import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Finding } from '@varve/core/contract';
import { type Composition, findCopies } from '@varve/runtime';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { originText, pluginRows, type SettingRow } from '../settings.ts';
import { type Diagnosis, ok, problemOf, warning } from './diagnosis.ts';

/** The project of a check: what can be known of it also when its config cannot be used. */
export interface ProjectCheck {
  /** Absent when the config cannot be used. */
  readonly stack?: Composition;
  /** Absolute. */
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly diagnosis: Diagnosis;
}

/** Finds the project and reads its config. Rejects never. */
export async function checkConfig(options: CommonOptions): Promise<ProjectCheck> {
  let stack: Composition | undefined;
  try {
    stack = await findProject(options);
    const { setup } = stack.source;
    const settings = await stack.settings();
    const rows = await pluginRows({ setup, settings, options, env: process.env });
    const { projectRoot, stateDir, configFile, profile } = setup;
    const where = configFile === undefined ? 'No config: the defaults are in force.' : nameOf(configFile);
    const chosen = profile === undefined ? '' : `, profile ${profile} (${profileFrom(options)})`;
    const found = ok('config', `${where}${chosen}`, rows.flatMap(originLine));
    return { stack, projectRoot, stateDir, diagnosis: withCopies(found, findCopies(settings)) };
  } catch (error) {
    await stack?.close().catch(() => {});
    const projectRoot = nearestProject(options);
    return { projectRoot, stateDir: join(projectRoot, '.varve'), diagnosis: problemOf('config', error) };
  }
}

/** Several copies of core work, and are a hazard. */
function withCopies(found: Diagnosis, [first, ...others]: readonly Finding[]): Diagnosis {
  if (first === undefined) return found;
  const more = warning('config', `${found.message}; ${first.message}`, first.hint ?? '');
  return { ...more, code: first.code, detail: [...(found.detail ?? []), ...others.map(({ message }) => message)] };
}

/** A default is not worth a line. */
function originLine(row: SettingRow): string[] {
  return row.from === 'default' ? [] : [`${row.setting}: ${row.value}, from ${originText(row, nameOf)}`];
}

function profileFrom({ profile }: CommonOptions): string {
  return profile === undefined ? 'from VARVE_PROFILE' : 'by --profile';
}

/** A path as seen from here, when that is shorter. */
function nameOf(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') || short.length > path.length ? path : short;
}

function nearestProject({ config }: CommonOptions): string {
  const from = config === undefined ? process.cwd() : dirname(resolve(config));
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return from;
  }
}
