import { isInside, portableName } from '../shared/portable.ts';
import type { ScannedFiles } from './files/scanned-files.ts';
import type { LoadedScripts } from './loaded-scripts.ts';
import { type Entry, type FollowedFile, followImports, importedEntries } from './packages/follow-imports.ts';
import { type InstalledPackage, InstalledPackages, type Probes } from './packages/installed.ts';
import { contentToken } from './packages/package-content.ts';
import { pathBeside } from './packages/resolve-import.ts';
import { undeclaredAmong } from './packages/undeclared.ts';

export interface LoadedOptions {
  /** Real path of the project. */
  readonly root: string;
  /** Folders of varve's own. */
  readonly own: readonly string[];
  /** Files outside the compiled module that it imports, absolute: the `file` of each package in the module graph. */
  readonly externals: readonly Entry[];
  readonly scripts: LoadedScripts;
  readonly files: ScannedFiles;
}

/** The files that come with a flow, and everything that decided which they are. Plain data. */
export interface FollowedModules {
  /** Digests of local files, by path relative to the project; `-` for one that is imported and not there. */
  readonly files: Readonly<Record<string, string>>;
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly directory: string;
    readonly digest: string;
    readonly isDeclared: boolean;
    /** True when an `import()` in it computes what it loads. */
    readonly computes: boolean;
  }[];
  /** Stamps of all files, by absolute path. */
  readonly stamps: Readonly<Record<string, string>>;
  readonly probes: Probes;
  /** Present when not all that was loaded can be followed. One sentence. */
  readonly refusal?: string;
}

/** Follows what a flow imports, and what its modules have loaded by other means, to all files. */
export async function followLoaded(options: LoadedOptions): Promise<FollowedModules> {
  const packages = new InstalledPackages();
  const { root, own, files, externals, scripts } = options;
  const found = await Promise.all(
    scripts.imported.map(([target, from]) => importedEntries(packages, files, target, from)),
  );
  const imported = found.flatMap(({ entries }) => entries);
  const asked = [...scripts.asked, ...imported];
  const required = new Map(scripts.required);
  const followed = await followImports([...externals, ...asked], {
    packages,
    files,
    required: (file) => required.get(file) ?? [],
    isLeftOut: (file) => isInside(own, file) || packages.isFramework(file),
  });
  const [local, installed] = group(followed, packages);
  const undeclared = undeclaredAmong(followed, asked, packages);
  const computing = local.find(({ computes }) => computes);
  const refusal = computing
    ? notFollowed(portableName(root, computing.path))
    : found.find((each) => each.refusal !== undefined)?.refusal;
  return {
    files: Object.fromEntries([
      ...local.flatMap((file) => missingBeside(file).map((path) => [portableName(root, path), '-'])),
      ...local.map(({ path, digest }) => [portableName(root, path), digest]),
    ]),
    packages: [...installed].map(([one, its]) => describePackage(one, its, undeclared)).sort(byDirectory),
    stamps: Object.fromEntries(followed.map(({ path, stamp }) => [path, stamp])),
    probes: packages.probed(),
    ...(refusal !== undefined && { refusal }),
  };
}

/** Absolute paths of local files that a file imports in vain. */
function missingBeside({ path, missed }: FollowedFile): readonly string[] {
  return missed.filter((one) => /^\.{0,2}\//.test(one)).map((one) => pathBeside(one, path));
}

/** Says why a local file makes a result unusable for others. */
export function notFollowed(name: string): string {
  return `${name} computes the name of an import, and what it loads cannot be followed`;
}

function group(followed: readonly FollowedFile[], packages: InstalledPackages) {
  const local: FollowedFile[] = [];
  const installed = new Map<InstalledPackage, FollowedFile[]>();
  for (const file of followed) {
    const owner = packages.ownerOf(file.path);
    if (owner === undefined) local.push(file);
    else if (installed.get(owner)?.push(file) === undefined) installed.set(owner, [file]);
  }
  return [local, installed] as const;
}

function describePackage(
  one: InstalledPackage,
  loaded: readonly FollowedFile[],
  undeclared: ReadonlySet<string>,
): FollowedModules['packages'][number] {
  const { name, version, directory } = one;
  const computes = loaded.some((file) => file.computes);
  return {
    name,
    version,
    directory,
    digest: contentToken(one, loaded),
    isDeclared: !undeclared.has(directory),
    computes,
  };
}

function byDirectory(a: { readonly directory: string }, b: { readonly directory: string }): number {
  return a.directory < b.directory ? -1 : 1;
}
