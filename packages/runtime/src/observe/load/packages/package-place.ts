import { dirname } from 'node:path';
import { pathOfName, portableName } from '../../shared/portable.ts';
import type { InstalledPackage, InstalledPackages } from './installed.ts';

const MARK = ' > ';

/** Finds the file through which a package, given by its folder, was loaded first. */
export type ImporterOf = (directory: string) => string | undefined;

/**
 * Names the place of a package so that it means the same on other machines, whatever tool has installed it there: `zod` as
 * code in the project finds it, `a > b` as package `a` finds it, `apps/web/ > zod` as a folder of the project finds it. Where
 * none of these leads to it, its path.
 */
export function placeOf(
  packages: InstalledPackages,
  root: string,
  one: InstalledPackage,
  importerOf: ImporterOf,
): string {
  const chain: string[] = [];
  const seen = new Set<string>();
  for (let next: InstalledPackage = one; !seen.has(next.directory); ) {
    seen.add(next.directory);
    chain.unshift(next.installedAs);
    if (packages.find(root, next.installedAs) === next.directory) return chain.join(MARK);
    const importer = importerOf(next.directory);
    if (importer === undefined) break;
    const owner = packages.ownerOf(importer);
    const from = owner?.directory ?? dirname(importer);
    if (packages.find(from, next.installedAs) !== next.directory) break;
    if (owner === undefined) return [`${portableName(root, from)}/`, ...chain].join(MARK);
    next = owner;
  }
  return `./${portableName(root, one.directory)}`;
}

/** The package at a place; `undefined` when there is none. */
export function packageAt(packages: InstalledPackages, root: string, place: string): InstalledPackage | undefined {
  if (place.startsWith('./'))
    return packages.at(pathOfName(root, place.slice(2)), place.slice(place.lastIndexOf('/') + 1));
  let [from, installedAs] = [root, ''];
  for (const part of place.split(MARK)) {
    const directory = part.endsWith('/') ? pathOfName(root, part) : packages.find(from, part);
    if (directory === undefined) return undefined;
    [from, installedAs] = [directory, part];
  }
  return packages.at(from, installedAs);
}
