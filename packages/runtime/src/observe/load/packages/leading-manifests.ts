import { join } from 'node:path';
import { readFileSync } from '../../shared/originals.ts';
import type { FollowedFile } from './follow-imports.ts';
import type { InstalledPackages } from './installed.ts';

/** A `#name` in quotes, as code writes it that asks for a file by an alias. */
const ALIAS = /["'`]#/;

/**
 * Absolute paths of the local `package.json`s that decide which files others load: by `imports` for files that name an
 * alias, by `main` and `exports` for files that are loaded from outside of the folder.
 */
export function leadingManifests(followed: readonly FollowedFile[], packages: InstalledPackages): ReadonlySet<string> {
  const isLocal = (path: string) => packages.ownerOf(path) === undefined;
  const found = new Set<string>();
  for (const { path, importer, loads } of followed.filter((file) => isLocal(file.path))) {
    add(found, aliasManifest(packages, path));
    if (isLocal(importer)) add(found, entranceManifest(packages, importer, path));
    for (const loaded of loads.filter(isLocal)) add(found, entranceManifest(packages, path, loaded));
  }
  return found;
}

/** The `package.json` that says where the aliases of a file lead; `undefined` when the file names none. */
function aliasManifest(packages: InstalledPackages, file: string): string | undefined {
  const scope = packages.scopeOf(file);
  return scope?.manifest.imports !== undefined && namesAlias(file) ? join(scope.directory, 'package.json') : undefined;
}

/** The `package.json` that says which file others load from its folder. */
function entranceManifest(packages: InstalledPackages, importer: string, file: string): string | undefined {
  const scope = packages.scopeOf(file);
  if (scope === undefined || scope.directory === packages.scopeOf(importer)?.directory) return undefined;
  const { main, exports } = scope.manifest;
  return main === undefined && exports === undefined ? undefined : join(scope.directory, 'package.json');
}

function namesAlias(file: string): boolean {
  try {
    return ALIAS.test(readFileSync(file, 'utf8'));
  } catch {
    return true;
  }
}

function add(found: Set<string>, path: string | undefined): void {
  if (path !== undefined) found.add(path);
}
