import type { Entry, FollowedFile } from './follow-imports.ts';
import type { InstalledPackages } from './installed.ts';

/**
 * Folders of the packages that some code loads without declaring to depend on them, and of all that these load. What a step
 * can reach is known by what packages declare, so the others belong to every step. `asked`: files that were loaded by other
 * means than imports of the flow.
 */
export function undeclaredAmong(
  followed: readonly FollowedFile[],
  asked: readonly Entry[],
  packages: InstalledPackages,
): ReadonlySet<string> {
  const loads = new Map<string, Set<string>>();
  const undeclared = new Set<string>();
  const add = (path: string, importer: string) => {
    const to = packages.ownerOf(path)?.directory;
    const from = packages.ownerOf(importer)?.directory;
    if (to === undefined || to === from) return;
    if (from === undefined || !packages.dependenciesOf(from).has(to)) undeclared.add(to);
    if (from !== undefined) loads.set(from, (loads.get(from) ?? new Set()).add(to));
  };
  for (const [path, importer] of asked) add(path, importer);
  for (const { path, loads: targets } of followed) for (const target of targets) add(target, path);
  for (const directory of undeclared) for (const next of loads.get(directory) ?? []) undeclared.add(next);
  return undeclared;
}
