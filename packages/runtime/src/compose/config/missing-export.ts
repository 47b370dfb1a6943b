import { readFileSync } from 'node:fs';
import { VarveError } from '@varve/core/contract';
import { suggest } from '@varve/core/internal';
import { locateImport } from './locate.ts';

/** The error of a config that imports a name which its module does not have; `undefined` for any other error. */
export async function missingExport(error: unknown, file: string): Promise<VarveError | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  const match = /requested module '(.+)' does not provide an export named '(.+)'/.exec(error.message);
  const [, from = '', name = ''] = match ?? [];
  if (!match) return undefined;
  const names = await exportsOf(from);
  const location = await locateImport(file, textOf(file), name);
  return new VarveError('VARVE_CONFIG', `${file} imports '${name}', which its module does not export`, {
    cause: error,
    hint: names.length === 0 ? 'Look up what the package exports.' : suggest(name, names, 'exports of the module'),
    ...(location !== undefined && { location }),
  });
}

/** A config in TypeScript names the modules that it imports by their URL. */
async function exportsOf(specifier: string): Promise<string[]> {
  if (!specifier.startsWith('file:')) return [];
  return Object.keys((await import(specifier).catch(() => ({}))) as object);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
