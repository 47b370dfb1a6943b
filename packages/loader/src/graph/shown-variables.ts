import { basename } from 'node:path';
import { LISTENER } from '../import-meta.ts';
import type { Declared } from './declared-by-lines.ts';

const SELF = '__varve_self';

/**
 * Lets varve look into the variables of a module, which tasks may fill, in threads that observe it, and into data that it
 * imports. Adds a line at the end. A name that is none of a variable only has a getter that throws.
 */
export function showVariables(source: string, file: string, declared: Declared): string {
  const getters = [...new Set(declared.names)].map(getterOf);
  if (declared.hasUnnamed) getters.push(`default: () => ${SELF}.default`);
  const own = getters.length === 0 ? [] : [declaring(file, getters, JSON.stringify(declared.patterns))];
  // Data has no code that could show it: who imports it does.
  const calls = [...own, ...declared.data.map(({ path, names }) => declaring(path, names.map(getterOf), '[]'))];
  if (calls.length === 0) return source;
  // A module may import itself: its default has no other name.
  const self = declared.hasUnnamed ? ` import * as ${SELF} from ${JSON.stringify(`./${basename(file)}`)};` : '';
  return `${source}\n;${calls.join(' ')}${self}\n`;
}

function getterOf(name: string): string {
  return `${name}: () => ${name}`;
}

function declaring(file: string, getters: readonly string[], patterns: string): string {
  return `${LISTENER}?.variables?.(${JSON.stringify(file)}, { ${getters.join(', ')} }, ${patterns});`;
}
