import { basename, dirname, join, sep } from 'node:path';
import { existsSync, lstatSync, readFileSync, realpathSync } from '../../shared/originals.ts';
import { stampAt } from '../files/stamp.ts';

/** An installed package. */
export interface InstalledPackage {
  /** Absolute real path. */
  readonly directory: string;
  /** The folder's name below `node_modules`, by which code loads it. */
  readonly installedAs: string;
  /** As its manifest says, else as it is installed. */
  readonly name: string;
  /** Empty when there is none. */
  readonly version: string;
}

/** What of a `package.json` decides which file is loaded. */
export interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly peerDependencies?: unknown;
}

const MODULES = `${sep}node_modules${sep}`;

/** The packages on disk, each manifest read once. Make a new one for every look: it never sees a change. */
export class InstalledPackages {
  private readonly manifests = new Map<string, Manifest | undefined>();
  private readonly packages = new Map<string, InstalledPackage>();
  /** By folder of the file. */
  private readonly owners = new Map<string, InstalledPackage | undefined>();
  private readonly found = new Map<string, string | undefined>();
  private readonly files = new Map<string, string | undefined>();
  private readonly folders = new Map<string, string>();
  private readonly dependencies = new Map<string, ReadonlySet<string>>();

  /** The package that a file below `node_modules` belongs to. */
  ownerOf(file: string): InstalledPackage | undefined {
    const folder = dirname(file);
    if (!this.owners.has(folder)) this.owners.set(folder, this.findOwner(file));
    return this.owners.get(folder);
  }

  private findOwner(file: string): InstalledPackage | undefined {
    const at = file.lastIndexOf(MODULES);
    if (at < 0) return undefined;
    const [first = '', second = ''] = file.slice(at + MODULES.length).split(sep, 2);
    const installedAs = first.startsWith('@') && second !== '' ? `${first}/${second}` : first;
    return this.at(join(file.slice(0, at), 'node_modules', installedAs), installedAs);
  }

  /** The package in a folder. */
  at(directory: string, installedAs: string): InstalledPackage {
    const known = this.packages.get(directory);
    if (known) return known;
    const { name, version } = this.manifestIn(directory) ?? {};
    const one = {
      directory,
      installedAs,
      name: typeof name === 'string' && name !== '' ? name : installedAs,
      version: typeof version === 'string' ? version : '',
    };
    this.packages.set(directory, one);
    return one;
  }

  /** Real folder of a package as code in folder `from` finds it: in the nearest `node_modules` upward that has it. */
  find(from: string, name: string): string | undefined {
    const key = `${from}\0${name}`;
    if (!this.found.has(key)) this.found.set(key, search(from, name));
    return this.found.get(key);
  }

  manifestIn(directory: string): Manifest | undefined {
    if (!this.manifests.has(directory)) this.manifests.set(directory, readManifest(join(directory, 'package.json')));
    return this.manifests.get(directory);
  }

  /** Folders of the packages that the one in a folder declares to depend on. */
  dependenciesOf(directory: string): ReadonlySet<string> {
    const known = this.dependencies.get(directory);
    if (known) return known;
    const { dependencies, optionalDependencies, peerDependencies } = this.manifestIn(directory) ?? {};
    const names = Object.keys({ ...table(dependencies), ...table(optionalDependencies), ...table(peerDependencies) });
    const folders = new Set(names.flatMap((name) => this.find(directory, name) ?? []));
    this.dependencies.set(directory, folders);
    return folders;
  }

  /** The nearest folder upward with a manifest; never beyond the package. */
  scopeOf(file: string): { readonly directory: string; readonly manifest: Manifest } | undefined {
    for (let folder = dirname(file); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
      const manifest = this.manifestIn(folder);
      if (manifest) return { directory: folder, manifest };
      if (folder === dirname(folder)) break;
    }
    return undefined;
  }

  /** Real path of a file; `undefined` when there is none. */
  fileAt(path: string): string | undefined {
    if (!this.files.has(path)) this.files.set(path, this.realFile(path));
    return this.files.get(path);
  }

  private realFile(path: string): string | undefined {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) return realOrNothing(path);
    if (!stats?.isFile()) return undefined;
    const folder = dirname(path);
    const real = this.folders.get(folder) ?? realpathSync(folder);
    this.folders.set(folder, real);
    return join(real, basename(path));
  }

  /** Everything that was looked at, for `isAsProbed`. */
  probed(): Probes {
    const manifests = [...this.manifests.keys()].map((folder) => {
      const path = join(folder, 'package.json');
      return [path, stampAt(path)] as const;
    });
    return {
      manifests,
      found: [...this.found].map(([key, directory]) => [key, directory ?? '']),
      absent: [...this.files].flatMap(([path, real]) => (real === undefined ? [path] : [])),
    };
  }

  /** True for files of varve itself, installed or in its own repository. */
  isFramework(file: string): boolean {
    const name = this.ownerOf(file)?.name ?? this.scopeOf(file)?.manifest.name;
    return typeof name === 'string' && /^(varve$|@varve\/)/.test(name);
  }
}

/** What decided how imports were resolved. Plain data. */
export interface Probes {
  /** Stamps by path; empty for one that is not there. */
  readonly manifests: readonly (readonly [path: string, stamp: string])[];
  /** Folders by where a package was searched and its name; empty for none. */
  readonly found: readonly (readonly [key: string, directory: string])[];
  /** Paths where there was no file. */
  readonly absent: readonly string[];
}

/** True while imports would be resolved as they were. */
export function isAsProbed({ manifests, found, absent }: Probes): boolean {
  return (
    manifests.every(([path, stamp]) => stampAt(path) === stamp) &&
    absent.every((path) => stampAt(path) === '') &&
    found.every(([key, directory]) => {
      const [from = '', name = ''] = key.split('\0');
      return (search(from, name) ?? '') === directory;
    })
  );
}

function table(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function realOrNothing(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return lstatSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

function search(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync.native(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Splits `@scope/name/sub/path`. */
export function splitSpecifier(specifier: string): readonly [name: string, subpath: string] {
  const parts = specifier.split('/');
  const count = specifier.startsWith('@') ? 2 : 1;
  return [parts.slice(0, count).join('/'), parts.slice(count).join('/')];
}

/** True for files of installed packages. */
export function isInstalled(file: string): boolean {
  return file.includes(MODULES);
}
