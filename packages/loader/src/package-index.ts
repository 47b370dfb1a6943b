import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package that files belong to. */
export interface PackageInfo {
  readonly name: string;
  /** Empty when its `package.json` gives none. */
  readonly version: string;
  /** Absolute. */
  readonly directory: string;
}

/** Finds the package of a file. Reads each folder once. */
export type PackageIndex = (file: string) => PackageInfo | undefined;

export function createPackageIndex(): PackageIndex {
  const known = new Map<string, PackageInfo | undefined>();
  const ofFolder = (folder: string): PackageInfo | undefined => {
    if (known.has(folder)) return known.get(folder);
    const parent = dirname(folder);
    const info = readPackage(folder) ?? (parent === folder ? undefined : ofFolder(parent));
    known.set(folder, info);
    return info;
  };
  return (file) => ofFolder(dirname(file));
}

/** A `package.json` without a name only sets the module format of its folder: the package is further up. */
function readPackage(directory: string): PackageInfo | undefined {
  const { name, version } = readManifest(join(directory, 'package.json'));
  if (typeof name !== 'string') return undefined;
  return { name, version: typeof version === 'string' ? version : '', directory };
}

function readManifest(file: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
