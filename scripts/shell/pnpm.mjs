import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** Makes the arguments for `npx` that start the pinned pnpm: `packageManager` in package.json.
 * @param {readonly string[]} args */
export function pnpmArguments(args) {
  return ['--yes', pinnedPnpm(), ...args];
}

/** Reads the name and version that npx fetches, e.g. `pnpm@1.2.3`. */
export function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (!/^pnpm@\d+\.\d+\.\d+$/.test(packageManager)) {
    throw new Error(`"packageManager" in package.json must read pnpm@<exact version>, but is ${packageManager}`);
  }
  return packageManager;
}
