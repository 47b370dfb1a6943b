import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { ObserveOptions } from '../../options.ts';
import { realpathSync } from '../../shared/originals.ts';
import { pathOfName, portableName, withSlashes } from '../../shared/portable.ts';
import { compileGlobs } from './exclude.ts';

/** A path that counts. */
export interface Place {
  /** Absolute. */
  readonly path: string;
  /** As in the names of reads: relative to the project with `/`, or absolute outside of it. */
  readonly name: string;
  /** True in a folder of temporary files: what a task leaves there is not kept, and what packages keep there is their own. */
  readonly isTemporary?: boolean;
  /** True when nothing that is read here counts. */
  readonly isUnread?: boolean;
}

/** What the system writes anew at each look. */
const SYSTEM = sep === '/' ? ['/proc', '/sys', '/dev'] : [];
/** Memory that is used as a folder of temporary files. */
const MEMORY = sep === '/' ? ['/dev/shm'] : [];

/**
 * Names paths, and says which of them count. A path through a symbolic link has the name that was used: what counts is the
 * content that was found under it, wherever the link leads.
 */
export class Places {
  private readonly root: string;
  private readonly below: string;
  /** Folders that do not count, each with a separator at its end. */
  private readonly inside: readonly string[];
  private readonly outside: readonly string[];
  private readonly temporary: ReadonlySet<string>;
  private readonly excluded: RegExp | undefined;

  /** `temp`: folders of temporary files. One that holds the project itself holds nothing of what is in the project. */
  constructor(
    { root, own, files }: Pick<ObserveOptions, 'root' | 'own' | 'files'>,
    temp: readonly string[] = [tmpdir(), ...MEMORY],
  ) {
    this.root = resolve(root);
    this.below = withEnd(this.root);
    this.temporary = new Set(temp.flatMap(bothPaths).map(withEnd));
    const others = [...own, ...SYSTEM].flatMap(bothPaths).map(withEnd);
    // The longest first: varve's own folders may lie in one of temporary files.
    const folders = [...new Set([...this.temporary, ...others])].sort((a, b) => b.length - a.length);
    this.inside = folders.filter((one) => one.startsWith(this.below) && one !== this.below);
    this.outside = folders.filter((one) => !one.startsWith(this.below));
    this.excluded = compileGlobs(files?.exclude ?? []);
  }

  /** `undefined` for a path that does not count. `path`: absolute and normal. */
  place(path: string): Place | undefined {
    const folder = this.folderOf(path);
    return folder === undefined ? this.counted(path) : this.behind(path, folder);
  }

  private counted(path: string): Place | undefined {
    const name = this.nameOf(path);
    return this.excluded?.test(name) ? undefined : { path, name };
  }

  /** The folder that does not count in which a path lies, or which it is. */
  private folderOf(path: string): string | undefined {
    const isInside = path.startsWith(this.below) || path === this.root;
    for (const folder of isInside ? this.inside : this.outside)
      if (path.startsWith(folder) || (path.length + 1 === folder.length && folder.startsWith(path))) return folder;
    return undefined;
  }

  /** The place of a path in a folder that does not count. Behind a link that leads out of it, the place it leads to counts. */
  private behind(path: string, folder: string): Place | undefined {
    if (path.length < folder.length) return undefined;
    const real = realNow(path);
    const there = real === path ? folder : this.folderOf(real);
    if (there === undefined) return this.counted(real);
    const isTemporary = this.temporary.has(folder) && this.temporary.has(there);
    const place = isTemporary ? this.counted(path) : undefined;
    return place && { ...place, isTemporary };
  }

  /** The portable form of an absolute path. */
  nameOf(path: string): string {
    return portableName(this.root, path);
  }

  /** The absolute path of a name. */
  pathOf(name: string): string {
    return pathOfName(this.root, name);
  }

  /** The portable form of what a symbolic link holds: `{root}` stands for the project in an absolute target. */
  linkToken(target: string): string {
    if (!isAbsolute(target)) return withSlashes(target);
    const name = this.nameOf(target);
    return isAbsolute(name) ? name : `{root}/${name}`;
  }
}

function withEnd(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

/** The path without links in it, as far as it exists. */
function realNow(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realNow(parent), basename(path));
  }
}

/** A folder as it was named, and where it really is. */
function bothPaths(folder: string): string[] {
  const path = resolve(folder);
  try {
    return [path, realpathSync.native(path)];
  } catch {
    return [path];
  }
}
