import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VarveError } from '@varve/core/contract';
import { nearestNames } from './nearest-names.ts';
import { CODE_EXTENSIONS, loaderOf } from './sources.ts';

/** Finds the real path of a file of code. Takes a path from the current folder or a `file:` URL. */
export async function findEntry(given: string): Promise<string> {
  const path = given.startsWith('file:') ? fileURLToPath(given) : resolve(given);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw await notFound(path);
  if (found.isDirectory()) throw await notCode(path, `${path} is a folder, not a file of code`, path);
  const kind = loaderOf(path);
  if (kind === undefined || !CODE_EXTENSIONS.includes(extname(path))) {
    throw await notCode(path, `${path} is not a file of code`, dirname(path));
  }
  return realpath(path);
}

async function notFound(path: string): Promise<VarveError> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (!names) {
    return new VarveError('VARVE_FILE_NOT_FOUND', `there is no file ${path}: its folder ${folder} does not exist`, {
      hint: 'A relative path is meant from the current folder.',
    });
  }
  const near = nearestNames(basename(path), names);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : await codeHint(folder);
  return new VarveError('VARVE_FILE_NOT_FOUND', `there is no file ${path}`, { hint });
}

async function notCode(path: string, message: string, folder: string): Promise<VarveError> {
  return new VarveError('VARVE_NOT_CODE', message, { hint: await codeHint(folder), location: { file: path, line: 1 } });
}

async function codeHint(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const code = names.filter((name) => CODE_EXTENSIONS.includes(extname(name)) && !name.includes('.d.'));
  const wanted = `Give a file that ends in ${CODE_EXTENSIONS.join(', ')}`;
  if (code.length === 0) return `${wanted}.`;
  return `${wanted}, e.g. ${code
    .slice(0, 3)
    .map((name) => join(folder, name))
    .join(' or ')}.`;
}
