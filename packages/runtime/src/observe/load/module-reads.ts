import { isInside, portableName } from '../shared/portable.ts';
import { childrenOf, commonJs, type RequiredFiles, requiredFiles } from './common-js.ts';
import { momentNow } from './files/moment.ts';
import type { ScannedFiles } from './files/scanned-files.ts';
import { notFollowed } from './followed-modules.ts';
import { type Entry, type FollowedFile, followImports } from './packages/follow-imports.ts';
import type { InstalledPackages } from './packages/installed.ts';
import { leadingManifests } from './packages/leading-manifests.ts';
import { readContent } from './packages/package-content.ts';
import { placeOf } from './packages/package-place.ts';

/** Where modules lie that tasks load. */
export interface ModuleOptions {
  /** Real path of the project. */
  readonly root: string;
  /** Folders of varve's own, absolute. */
  readonly own: readonly string[];
  readonly files: ScannedFiles;
}

/** What a task reads that loads one file. */
export interface Reads {
  /** All files that come with it. */
  readonly paths: ReadonlySet<string>;
  /** By read as `formatRead` writes it. */
  readonly tokens: Map<string, string>;
  /** Imports of local files that lead to nothing. */
  readonly missed: readonly (readonly [specifier: string, from: string])[];
  /** Why no other run may use the result. One sentence. */
  refusal?: string | undefined;
}

/** Knows what comes with each file that this thread has loaded. */
export class ModuleReads {
  /** By file and importer, while the thread loads nothing new. */
  private readonly known = new Map<string, Reads>();
  /** Contents of local files and of packages, as they were when this thread loaded them. */
  private readonly contents = new Map<string, string>();
  private readonly loadedAt = new Map<string, number>();
  /** What files have required while they were evaluated. What their functions require later comes with those that call. */
  private readonly required = new Map<string, readonly string[]>();
  private readonly startedAt = momentNow();

  constructor(private readonly options: ModuleOptions) {}

  /** Call it before a file is loaded, which may be for the second time. */
  begins(path: string): void {
    this.known.clear();
    this.contents.delete(path);
    this.required.delete(path);
    this.loadedAt.set(path, momentNow());
  }

  /** Call it when a file is evaluated. */
  ends(path: string, required: readonly string[]): void {
    this.required.set(path, required);
  }

  /** Takes files that are evaluated now, and gives back the same with what they have required until they were. */
  settle(files: RequiredFiles): RequiredFiles {
    for (const [path, required] of files) if (!this.required.has(path)) this.required.set(path, required);
    return new Map([...files].map(([path, required]) => [path, this.required.get(path) ?? required]));
  }

  /** Local files and packages that are loaded with a file. */
  async of(entry: Entry, packages: InstalledPackages): Promise<Reads> {
    const key = entry.join('\0');
    const known = this.known.get(key);
    if (known) return known;
    const { files, own } = this.options;
    const followed = await followImports([entry], {
      packages,
      files,
      required: (file) => this.required.get(file) ?? childrenAt(file),
      isLeftOut: (file) => isInside(own, file) || packages.isFramework(file),
    });
    const reads: Reads = {
      paths: new Set(followed.map(({ path }) => path)),
      tokens: new Map(),
      missed: followed.flatMap(({ path, missed }) => missed.map((specifier) => [specifier, path] as const)),
    };
    for (const file of followed) {
      if (packages.ownerOf(file.path) === undefined) this.addLocal(reads, file);
      else await this.addPackage(reads, file, packages, followed);
    }
    for (const path of leadingManifests(followed, packages)) await this.addManifest(reads, path);
    this.known.set(key, reads);
    return reads;
  }

  /** Adds a `package.json` by which a name has led to a file, or that could do so one day. */
  async addManifest(reads: Pick<Reads, 'tokens' | 'refusal'>, path: string): Promise<void> {
    const name = portableName(this.options.root, path);
    const scanned = await this.options.files.scan(path);
    const token = scanned && this.asLoaded(reads, path, { token: scanned.digest, changedAt: scanned.changedAt }, name);
    reads.tokens.set(`@file ${name}`, token ?? '-');
  }

  private addLocal(reads: Reads, { path, digest, changedAt, computes }: FollowedFile): void {
    const name = portableName(this.options.root, path);
    reads.tokens.set(`@file ${name}`, this.asLoaded(reads, path, { token: digest, changedAt }, name));
    if (computes) reads.refusal ??= notFollowed(name);
  }

  private async addPackage(
    reads: Reads,
    { path }: FollowedFile,
    packages: InstalledPackages,
    followed: readonly FollowedFile[],
  ): Promise<void> {
    const owner = packages.ownerOf(path);
    if (owner === undefined) return;
    const place = placeOf(packages, this.options.root, owner, (folder) => importerOf(folder, followed, packages));
    const read = `@package ${place}`;
    if (reads.tokens.has(read)) return;
    const known = this.contents.get(owner.directory);
    const content = known === undefined ? await readContent(this.options.files, owner) : { token: known, changedAt: 0 };
    reads.tokens.set(read, this.asLoaded(reads, owner.directory, content, `the package ${owner.name}`));
  }

  /** The token of what this thread has loaded, even if something else lies there now. */
  private asLoaded(
    reads: Pick<Reads, 'refusal'>,
    path: string,
    { token, changedAt }: { readonly token: string; readonly changedAt: number },
    name: string,
  ): string {
    const known = this.contents.get(path);
    if (known !== undefined) return known;
    if (changedAt > (this.loadedAt.get(path) ?? this.startedAt))
      reads.refusal ??= `${name} changed after it was loaded`;
    this.contents.set(path, token);
    return token;
  }
}

/** Files that a module has required up to now. */
export function childrenAt(file: string): readonly string[] {
  const module = commonJs._cache[file];
  return module ? childrenOf(module) : [];
}

/** The first file outside of a package that loads one inside. */
function importerOf(directory: string, followed: readonly FollowedFile[], packages: InstalledPackages) {
  const isIn = (file: string) => packages.ownerOf(file)?.directory === directory;
  const found = followed.find(({ path, importer }) => isIn(path) && !isIn(importer));
  if (found) return found.importer;
  for (const [file, children] of requiredFiles()) if (!isIn(file) && children.some(isIn)) return file;
  return undefined;
}
