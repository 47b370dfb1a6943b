import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTRACT, coreOf, definePlugin, type Finding, isPlugin, type Kind, type Plugin } from '@varve/core/contract';
import { KINDS, type Settings } from './settings.ts';

/** File URL inside the copy of `@varve/core` that varve itself uses. */
export function ownCore(): string {
  return coreOf(definePlugin<Kind>({ name: '', provides: {} as never })) as string;
}

/** A copy of `@varve/core` as messages name it: its version and its folder. */
export function nameOfCopy(url: string): string {
  const file = fileURLToPath(url);
  for (let folder = dirname(file); dirname(folder) !== folder; folder = dirname(folder)) {
    const found = readPackage(join(folder, 'package.json'));
    if (found === undefined) continue;
    if (found.name === '@varve/core') return `@varve/core ${found.version ?? ''} in ${folder}`;
    return `a copy of @varve/core inside of ${found.name ?? folder}`;
  }
  return `a copy of @varve/core in ${dirname(file)}`;
}

/**
 * A finding for each plugin that was made with another copy of `@varve/core` than varve uses. Such a plugin works as long as
 * the versions of its contract are the same.
 */
export function findCopies(settings: Settings): Finding[] {
  const plugins = [...KINDS.map((kind) => settings[kind]), ...(settings.readers ?? [])];
  const foreign = [...new Set(plugins as unknown[])].filter(
    (plugin): plugin is Plugin<Kind> => isPlugin(plugin) && plugin.contract !== CONTRACT,
  );
  return foreign.map((plugin) => {
    const core = coreOf(plugin);
    const theirs = core === undefined ? 'an older copy of @varve/core' : nameOfCopy(core);
    return {
      code: 'VARVE_CORE_COPIES',
      message: `plugin ${plugin.name} was made with ${theirs}; varve uses ${nameOfCopy(ownCore())}`,
      hint: `${wayOut(core)} It works, and may stop to work when one copy is updated alone.`,
    };
  });
}

/** A package has its own copy as long as the versions that it wants, and those of the project, have none in common. */
function wayOut(core: string | undefined): string {
  const isNested = core !== undefined && fileURLToPath(core).split(`${sep}node_modules${sep}`).length > 2;
  return isNested
    ? 'Have the plugin take the copy of the project: its @varve/core has to be a peer dependency; then run "npm dedupe".'
    : 'Have one copy in the project: install varve there, and run "npm dedupe".';
}

function readPackage(file: string): { readonly name?: string; readonly version?: string } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
