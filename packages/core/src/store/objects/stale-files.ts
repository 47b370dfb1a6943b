import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Age at which files that a killed process left are out of use. Ms. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** Removes what killed processes left in a folder for temporary files. */
export function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > STALE_MS) rmSync(file, { recursive: true, force: true });
  }
}
