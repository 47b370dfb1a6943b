import type { Stats } from 'node:fs';
import { statSync } from '../../shared/originals.ts';

/** Changes with every change of a file; empty for one that is gone. */
export function stampAt(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? stampOf(stats) : '';
}

/** The time of the last change comes first: nobody can set it. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${ctimeMs} ${mtimeMs} ${size} ${ino}`;
}

/** Last change of the file that has this stamp, ms since the Unix epoch. */
export function changeOf(stamp: string): number {
  return Number.parseFloat(stamp);
}
