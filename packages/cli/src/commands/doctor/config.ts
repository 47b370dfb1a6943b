import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Composition } from '@varve/runtime';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { type SettingRow, settingRows } from '../settings.ts';
import { type Diagnosis, ok, problemOf } from './diagnosis.ts';

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
    const rows = await settingRows(stack, options);
    const { projectRoot, stateDir, configFile, profile } = stack.source.setup;
    const where = configFile === undefined ? 'No config: the defaults are in force.' : nameOf(configFile);
    const chosen = profile === undefined ? '' : `, profile ${profile} (${profileFrom(options)})`;
    return { stack, projectRoot, stateDir, diagnosis: ok('config', `${where}${chosen}`, rows.flatMap(originLine)) };
  } catch (error) {
    await stack?.close().catch(() => {});
    const projectRoot = nearestProject(options);
    return { projectRoot, stateDir: join(projectRoot, '.varve'), diagnosis: problemOf('config', error) };
  }
}

/** A default is not worth a line. */
function originLine({ kind, plugin, from }: SettingRow): string[] {
  return from === 'default' ? [] : [`${kind}: ${plugin}, from ${nameOf(from)}`];
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
