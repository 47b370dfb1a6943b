import { dirname, resolve, sep } from 'node:path';
import { lstatNow, lstatSync, readlinkSync } from '../shared/originals.ts';
import type { Digests } from './facts/digests.ts';
import type { Place, Places } from './facts/places.ts';
import { errorToken } from './facts/tokens.ts';

/** Links on the way to one path, beyond which the system gives up. */
const LINKS_MAX = 40;

/** What one task has written: none of it is an input of what the task does next. */
export class Written {
  private readonly places = new Map<string, Place>();
  private readonly own = new Set<string>();
  private ended = false;
  /** Folders that the task made or removed: everything below is as the task left it. */
  private readonly folders = new Set<string>();
  private readonly links = new Set<string>();

  constructor(private readonly onLate: (place: Place) => void) {}

  add(place: Place): void {
    this.expect(place);
    this.own.add(place.path);
  }

  /** Notes a path that has to stay as it is, though the task did not make it so. */
  expect(place: Place): void {
    if (place.isTemporary) return;
    if (this.ended) return this.onLate(place);
    this.places.set(place.path, place);
  }

  addFolder(place: Place): void {
    this.add(place);
    this.folders.add(place.path);
  }

  addLink(place: Place): void {
    this.add(place);
    this.links.add(place.path);
  }

  /** True when the task has made a link. */
  get hasLinks(): boolean {
    return this.links.size > 0;
  }

  /**
   * The path without links that the task has made: they are no inputs, but what they lead to is. `isWhole`: also without one
   * that has this path itself.
   */
  follow(path: string, isWhole: boolean): string {
    let followed = path;
    for (let left = LINKS_MAX; left > 0 && this.links.size > 0; left--) {
      const link = this.firstLink(isWhole ? followed : dirname(followed));
      if (link === undefined) break;
      followed = resolve(dirname(link), readlinkSync(link)) + followed.slice(link.length);
    }
    return followed;
  }

  /** The outermost link on the way to a path. One that is no link any more is forgotten. */
  private firstLink(path: string): string | undefined {
    const parts = path.split(sep);
    for (let count = 2; count <= parts.length; count++) {
      const one = parts.slice(0, count).join(sep);
      if (!this.links.has(one)) continue;
      if (lstatNow(one)?.isSymbolicLink()) return one;
      this.links.delete(one);
    }
    return undefined;
  }

  /** True for a path whose state is the task's own doing. */
  has(path: string): boolean {
    if (this.own.size === 0) return false;
    if (this.own.has(path)) return true;
    if (this.folders.size === 0) return false;
    for (let at = path.lastIndexOf(sep); at > 0; at = path.lastIndexOf(sep, at - 1))
      if (this.folders.has(path.slice(0, at))) return true;
    return false;
  }

  /** True for a path that the task has written, or that lies behind one, e.g. behind a link it has made. */
  hasOnWay(path: string): boolean {
    for (let at = path.length; at > 0; at = path.lastIndexOf(sep, at - 1))
      if (this.own.has(path.slice(0, at))) return true;
    return false;
  }

  /** True when the task has written something below a folder. */
  hasBelow(folder: string): boolean {
    const start = folder.endsWith(sep) ? folder : folder + sep;
    for (const paths of [this.own, this.places.keys()])
      for (const path of paths) if (path.startsWith(start)) return true;
    return false;
  }

  /** All paths that were written. What comes later is reported as such. */
  end(): Iterable<Place> {
    this.ended = true;
    return this.places.values();
  }
}

/**
 * What has been left at a path: the digest of a file, `dir`, `-`, or `link TARGET` and the same of what the link leads to.
 */
export async function leftToken(path: string, places: Places, digests: Digests): Promise<string> {
  try {
    const content = digests.later(path);
    if (!lstatSync(path, { throwIfNoEntry: true }).isSymbolicLink()) return await content;
    return `link ${places.linkToken(readlinkSync(path))} ${await content}`;
  } catch (error) {
    return errorToken(error);
  }
}
