import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Files that varve puts into a folder it has made and can do without. */
const OWN = /^(\.gitignore|declared-\d+\.json)$/;

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
  return entries.every((entry) => entry.isDirectory() || OWN.test(entry.name));
}

/** Fails on a folder that is not empty, other than a recursive removal. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
    else if (OWN.test(entry.name)) rmSync(join(folder, entry.name));
  }
  rmdirSync(folder);
}
