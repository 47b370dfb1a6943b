import { dirname } from 'node:path';
import { portableName } from '../shared/portable.ts';
import { changeOf } from './files/stamp.ts';
import { recallFollowed, rememberFollowed } from './followed-memo.ts';
import { type FollowedModules, followLoaded, type LoadedOptions } from './followed-modules.ts';
import { InstalledPackages } from './packages/installed.ts';
import { readContent } from './packages/package-content.ts';

/** A package of which files were loaded with a flow. */
export interface LoadedPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute real path. */
  readonly directory: string;
  /** SHA-256 over name, version and the files that were loaded, hex: the same on every machine. */
  readonly digest: string;
  /** False when something loads it that does not declare to depend on it: then it belongs to every step. */
  readonly isDeclared: boolean;
}

/** What was loaded with a flow besides its own compiled module. Plain data. */
export interface LoadedModules {
  /** Digests of local files, `-` for one that is not there, by path relative to the project. They belong to every step. */
  readonly files: Readonly<Record<string, string>>;
  readonly packages: readonly LoadedPackage[];
  /** Present when the results of the run must not be used by others. One sentence. */
  readonly unrecorded?: string;
  /** What the files looked like, by absolute path: any other stamp later means that the file was changed, replaced or put back. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** Reads the files that were loaded with a flow, and digests them by package. What is as it was last time is not read again. */
export async function readLoaded(options: LoadedOptions): Promise<LoadedModules> {
  const known = recallFollowed(options);
  const followed = known ?? (await followLoaded(options));
  const packages = await Promise.all(followed.packages.map((one) => withAllFiles(one, options)));
  options.files.flush();
  if (known === undefined) rememberFollowed(options, followed);
  const unrecorded = reasonAgainst(followed, options);
  return { files: followed.files, packages, stamps: followed.stamps, ...(unrecorded !== undefined && { unrecorded }) };
}

/** What the load adds to the key of every step, as reads: local files, and packages that nobody declared. */
export function loadTokens({ files, packages }: LoadedModules): Readonly<Record<string, string>> {
  return tokensOf({ files, packages: packages.filter(({ isDeclared }) => !isDeclared) });
}

/** All that was loaded, as reads. */
export function tokensOf({
  files,
  packages,
}: Pick<LoadedModules, 'files' | 'packages'>): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(files).map(([path, digest]) => [`@file ${path}`, digest]),
    ...packages.map(({ name, version, digest }) => [`@package ${name}@${version}`, digest]),
  ]);
}

/** Where a package computes what it imports, all that it could load counts. */
async function withAllFiles(
  { computes, ...one }: FollowedModules['packages'][number],
  { files }: LoadedOptions,
): Promise<LoadedPackage> {
  return computes ? { ...one, digest: (await readContent(files, one)).token } : one;
}

function reasonAgainst({ stamps, refusal }: FollowedModules, { scripts, root }: LoadedOptions): string | undefined {
  const changed = Object.entries(stamps).find(([, stamp]) => changeOf(stamp) > scripts.since)?.[0];
  return changed === undefined ? refusal : `${describe(changed, root)} changed while it was loaded`;
}

function describe(path: string, root = dirname(path)): string {
  const owner = new InstalledPackages().ownerOf(path);
  return owner ? `the package ${owner.name}` : portableName(root, path);
}
