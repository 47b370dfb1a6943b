import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Files that a store puts into a folder it has made, which are no objects. */
const OWN = '.gitignore';

/** Those of the folders that are not there, to be removed again by `removeUnused`. */
export function missingFolders(folders: readonly string[]): readonly string[] {
  return folders.filter((folder) => !existsSync(folder));
}

/** Removes folders in which nothing is kept. One in which somebody has put something meanwhile stays. */
export function removeUnused(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      if (isUnused(folder)) removeTree(folder);
    } catch {
      // Not empty any more, or gone.
    }
  }
}

function isUnused(folder: string): boolean {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.every((entry) => entry.isDirectory() || entry.name === OWN);
}

/** Fails on a folder that is not empty, other than a recursive removal. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
    else if (entry.name === OWN) rmSync(join(folder, OWN));
  }
  rmdirSync(folder);
}
