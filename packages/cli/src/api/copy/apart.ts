import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { type Datastore, VarveError } from '@varve/core/contract';

/** Stores are told apart by their names: `fs:/a/folder`, `s3://bucket/prefix`. */
type Named = Pick<Datastore, 'name'>;

/**
 * Throws `VARVE_COPY_SAME` when two stores are one, also by way of a link, and `VARVE_COPY_NESTED` when one of them lies in the other:
 * its objects would be among those of the other one. `byPlugin`: both were given as plugins, whose names may be alike, as
 * those of two memories are.
 */
export function refuseOverlap(source: Named, target: Named, byPlugin: boolean): void {
  const [from, to] = [placeOf(source.name), placeOf(target.name)];
  if (from === to && (!byPlugin || isPlace(from))) throw sameStore(source.name, target.name);
  if (!isPlace(from) || !isPlace(to)) return;
  if (isBelow(to, from)) throw nested(target.name, source.name, target.name);
  if (isBelow(from, to)) throw nested(source.name, target.name, target.name);
}

const FOLDER = /^fs:(?=\/|[A-Za-z]:|\\)/;

/** The name, with the real path of a folder. */
function placeOf(name: string): string {
  return FOLDER.test(name) ? `fs:${realPath(name.replace(FOLDER, ''))}` : name.replace(/\/+$/, '');
}

/** The folder need not exist yet: then what is above it may be a link. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}

function isPlace(place: string): boolean {
  return FOLDER.test(place) || /^[a-z0-9]+:\/\/./.test(place);
}

function isBelow(place: string, other: string): boolean {
  const border = FOLDER.test(other) ? sep : '/';
  return place.startsWith(other.endsWith(border) ? other : `${other}${border}`);
}

function sameStore(from: string, to: string): VarveError {
  const also = from === to ? '' : ` ${to} is the same folder.`;
  return new VarveError('VARVE_COPY_SAME', `${from} cannot be copied to itself.${also}`, {
    hint: 'Name two different stores.',
  });
}

function nested(inner: string, outer: string, target: string): VarveError {
  return new VarveError(
    'VARVE_COPY_NESTED',
    `${inner} lies in ${outer}: a store cannot be copied into or out of itself.`,
    {
      hint: `Choose another target than ${target}, e.g. a folder or prefix beside the source.`,
    },
  );
}
