import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileDigests } from '../files/file-digests.ts';
import { digestOfParts, isFramework } from '../format.ts';
import type { PackageInfo, PackageTarget } from '../link/options.ts';
import { findPackage, type Installed, readInstalled } from './installed.ts';
import { findLockfile, type Lockfile } from './lockfile.ts';

/** Digests of the files of packages that were really loaded, by the package's real folder. */
export type LoadedContents = ReadonlyMap<string, string>;

/**
 * Digests installed packages: name, version, integrity, patches, the files that were really loaded, and the same of all they
 * depend on. A lockfile says what was installed; only the files say what is there now.
 */
export class PackageDigests {
  readonly #installed = new Map<string, Installed | undefined>();
  readonly #own = new Map<string, string>();
  readonly #infos = new Map<string, PackageInfo>();
  readonly #folders = new Map<string, string | undefined>();
  #lockfile: { readonly found: Lockfile | undefined } | undefined;

  constructor(
    readonly root: string,
    readonly digests: FileDigests,
    /** Count packages by the content of their folders, even if a lockfile names them. */
    readonly byContent: boolean,
    readonly loaded: LoadedContents = new Map(),
  ) {}

  infoOf(target: PackageTarget): PackageInfo {
    // A query from before an upgrade may name the same folder with the old version.
    const key = `${target.directory}\0${target.name}\0${target.version}`;
    const known = this.#infos.get(key);
    if (known) return known;
    const all = this.#reached(target.directory);
    const parts = all.map((each) => this.#ownDigest(each)).sort();
    const info: PackageInfo = {
      name: target.name,
      version: target.version,
      digest: digestOfParts([target.name, target.version, ...parts]),
      native: all.some(({ native }) => native),
    };
    this.#infos.set(key, info);
    return info;
  }

  /** The package that code in a file finds by a specifier at run time. */
  find(file: string, specifier: string): PackageTarget | undefined {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    const directory = this.#folderOf(dirname(file), name);
    const installed = directory === undefined ? undefined : this.#read(directory);
    if (!installed) return undefined;
    return {
      type: 'package',
      // As for imports, the name in its manifest: it may be installed under another one.
      name: installed.name || name,
      version: installed.version,
      directory: installed.directory,
      file: installed.directory,
    };
  }

  /** Looked up once, so that fingerprints and the recorded queries agree. */
  #folderOf(from: string, name: string): string | undefined {
    const key = `${from}\0${name}`;
    if (!this.#folders.has(key)) this.#folders.set(key, findPackage(from, name));
    return this.#folders.get(key);
  }

  /** The package and everything it depends on, as installed. The framework is left out. */
  #reached(directory: string): readonly Installed[] {
    const folders = new Set([directory]);
    const found: Installed[] = [];
    for (const folder of folders) {
      const installed = this.#read(folder);
      if (!installed || (isFramework(installed.name) && folder !== directory)) continue;
      found.push(installed);
      for (const name of installed.dependencies) {
        const next = findPackage(folder, name);
        if (next !== undefined) folders.add(next);
      }
    }
    return found;
  }

  #read(folder: string): Installed | undefined {
    if (!this.#installed.has(folder)) this.#installed.set(folder, readInstalled(folder));
    return this.#installed.get(folder);
  }

  #ownDigest({ name, version, directory }: Installed): string {
    const known = this.#own.get(directory);
    if (known !== undefined) return known;
    const lockfile = this.#lock();
    const locked = this.byContent ? undefined : lockfile?.integrityOf(name, version);
    const content = locked ?? this.digests.tree(directory, () => true);
    const folders = new Set([this.root, lockfile?.folder ?? dirname(this.root)]);
    const patches = [...folders].flatMap((folder) => patchesOf(folder, name, this.digests));
    const loaded = this.loaded.get(directory);
    const parts = [name, version, withPatches(content, patches), ...(loaded === undefined ? [] : [loaded])];
    const digest = digestOfParts(parts);
    this.#own.set(directory, digest);
    return digest;
  }

  #lock(): Lockfile | undefined {
    this.#lockfile ??= { found: findLockfile(this.root) };
    return this.#lockfile.found;
  }
}

/** Joins an integrity and patches to one text. */
function withPatches(integrity: string, patches: readonly string[]): string {
  return patches.length === 0 ? integrity : digestOfParts([integrity, ...patches]);
}

const FOLDERS = ['patches', '.yarn/patches'];

/** Digests of the patch files of a package, named as patch-package, pnpm and yarn do. */
function patchesOf(folder: string, name: string, digests: FileDigests): readonly string[] {
  const forms = ['+', '__', '-'].map((mark) => name.replaceAll('/', mark));
  return FOLDERS.flatMap((each) => patchFiles(join(folder, each)))
    .filter((file) => forms.some((form) => isFor(file.split(/[\\/]/).at(-1) ?? '', form)))
    .flatMap((file) => digests.of(file) ?? []);
}

function isFor(file: string, form: string): boolean {
  return file.startsWith(form) && /^([+@.]|-npm-|$)/.test(file.slice(form.length));
}

function patchFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.patch'))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
