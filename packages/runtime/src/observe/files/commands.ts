import type { BigIntStats } from 'node:fs';
import { dirname, sep } from 'node:path';
import type { AmbientKind } from '@varve/core/contract';
import type { AmbientInputs } from '@varve/core/internal';
import type { Meaning, NamedPath } from '../shared/named-path.ts';
import { readdirSync, readlinkSync, statNow } from '../shared/originals.ts';
import { isInside } from '../shared/portable.ts';
import { type Digests, type Stamp, stampOf } from './facts/digests.ts';
import { compileGlobs } from './facts/exclude.ts';
import { entriesOf, type Found, type Listing } from './facts/listings.ts';
import type { Place } from './facts/places.ts';
import { kindsToken } from './facts/tokens.ts';
import type { Written } from './written.ts';

/** Files and folders below the folders that one command names, beyond which its result is not recorded. */
const ENTRIES_MAX = 1000;
/** Bytes that are hashed before one command starts. What a command does to files beyond them cannot be told. */
const HASHED_MAX = 32 * 1024 * 1024;

/** Folders of the machine's programs: they are no input, as the programs are not. */
const OF_MACHINE = ['/usr', '/bin', '/sbin', '/lib', '/lib64'];
/** Folders whose content other inputs cover, or that belong to a program. */
const CLOSED = /(^|\/)(node_modules|\.git)(\/|$)/;

/** A path that a command names, as it was when it started. `stamp` and `token` are left out for what was not there. */
interface Before {
  readonly place: Place;
  readonly stamp?: Stamp;
  /** Left out where the content does not matter. */
  readonly token?: string;
  /** The paths in a folder, absolute. */
  readonly entries?: ReadonlySet<string>;
  /** True when a file of this name matters, though there was none. */
  readonly isMissed?: boolean;
}

/** The part of `SeenFiles` that commands need. */
interface TaskFiles {
  readonly inputs: Pick<AmbientInputs, 'refuse'>;
  readonly written: Written;
  place(path: string): Place | undefined;
  placeAt(path: string): Place | undefined;
  directory(): string;
  fact(kind: AmbientKind, place: Place, token: string): void;
  linkToken(target: string): string;
  listing(kind: Listing, place: Place, token: string): void;
  list(kind: Listing, place: Place): void;
  open(place: Place): void;
  content(place: Place, token: string): void;
  settle(place: Place): void;
}

interface Around {
  readonly digests: Digests;
  readonly roots: { readonly root: string };
}

/** Notes which files the commands of a task read, and which they write, of those that they name. */
export class Commands {
  /** True when the task has started one. */
  hasStarted = false;
  private readonly before = new Map<string, Before>();
  private isEnded = false;

  constructor(
    private readonly seen: TaskFiles,
    private readonly around: Around,
  ) {}

  /** Notes what a command that is about to start may read. Returns a function to call when it has ended. */
  start(paths: readonly NamedPath[], base: string): () => void {
    this.hasStarted = true;
    const start = new CommandStart(this.seen, this.around, base);
    for (const one of paths) {
      const place = this.seen.place(one.path);
      if (place === undefined) continue;
      this.look(place.path);
      if (start.take(place, one) && one.isRelative) this.seen.directory();
    }
    for (const [path, before] of start.before) this.before.set(path, before);
    return () => {
      for (const [path, before] of start.before) if (this.before.get(path) === before) this.look(path);
    };
  }

  /** Call it before a path counts for anything: what a command has made of it is the task's own. */
  look(path: string): void {
    if (this.before.size === 0 || this.isEnded) return;
    const before = this.before.get(path);
    if (before && !this.seen.written.has(path)) this.compare(before);
  }

  /** Call it before the task itself changes something at a path or below it. */
  settle(path: string): void {
    if (this.before.size === 0 || this.isEnded) return;
    for (const [one, before] of this.before) {
      if (one !== path && !one.startsWith(path + sep)) continue;
      if (!this.seen.written.has(one)) this.compare(before);
      this.miss(before);
      this.before.delete(one);
    }
  }

  end(): void {
    for (const path of this.before.keys()) this.look(path);
    for (const before of this.before.values()) this.miss(before);
    this.isEnded = true;
    this.before.clear();
  }

  private miss({ place, isMissed }: Before): void {
    if (isMissed === true && statNow(place.path) === undefined)
      this.seen.fact('file', place, this.around.digests.now(place.path));
  }

  private compare(before: Before): void {
    const { place, stamp, token, entries } = before;
    if (entries) return this.compareFolder(place, entries);
    const now = statNow(place.path);
    if (now?.isDirectory()) return this.addFolder(place);
    const key = now && stampOf(now).key;
    if (key === stamp?.key && stamp?.isYoung !== true) return;
    if (token === undefined || this.around.digests.now(place.path) !== token) this.seen.written.add(place);
  }

  private compareFolder(place: Place, entries: ReadonlySet<string>): void {
    if (statNow(place.path)?.isDirectory() !== true) return this.seen.written.addFolder(place);
    const now = this.walkOrRefuse(place);
    for (const [path, kind] of now) if (!entries.has(path)) this.addEntry(path, kind);
    for (const path of entries) if (!now.has(path)) this.addEntry(path, 'file');
  }

  /** Notes a folder that was not there before, and everything in it. */
  private addFolder(place: Place): void {
    this.seen.written.addFolder(place);
    for (const [path, kind] of this.walkOrRefuse(place)) this.addEntry(path, kind);
  }

  private addEntry(path: string, kind: Found[1]): void {
    const place = this.seen.placeAt(path);
    if (place === undefined) return;
    if (kind === 'dir') this.seen.written.addFolder(place);
    else this.seen.written.add(place);
  }

  private walkOrRefuse(place: Place): ReadonlyMap<string, Found[1]> {
    const found = new Map<string, Found[1]>();
    const isWhole = walkBelow(place.path, ENTRIES_MAX, (folder, entries) => {
      for (const [name, kind] of entries) found.set(`${folder}${sep}${name}`, kind);
    });
    if (!isWhole) this.seen.inputs.refuse(`a command left more than ${ENTRIES_MAX} files and folders in ${place.name}`);
    return found;
  }
}

/** Looks at what a command names before it starts. */
class CommandStart {
  readonly before = new Map<string, Before>();
  private left = ENTRIES_MAX;
  private bytes = HASHED_MAX;

  constructor(
    private readonly seen: TaskFiles,
    private readonly around: Around,
    private readonly base: string,
  ) {}

  /** True when the path counts. */
  take(place: Place, { meaning }: NamedPath): boolean {
    const { path } = place;
    if (this.before.has(path)) return true;
    if (meaning === 'pattern') return this.pattern(place);
    const stats = statNow(path);
    if (stats === undefined) {
      const isMissed = meaning === 'name' || meaning === 'list';
      this.before.set(path, { place, isMissed });
      return isMissed || meaning === 'output';
    }
    if (stats.isDirectory()) return this.isOpen(place, meaning) && this.folder(place);
    if (!stats.isFile() || (meaning === 'program' && !isInside([this.around.roots.root], path))) return false;
    if (meaning === 'output') this.output(place, stats);
    else this.file(place, stats);
    return true;
  }

  /**
   * True for a folder that counts with everything in it. The project itself and the folder where the command runs do not: they
   * are more than a command means by naming them.
   */
  private isOpen({ path, name }: Place, meaning: Meaning): boolean {
    const { root } = this.around.roots;
    if (path === sep || [root, this.base].some((folder) => path === folder || isInside([path], folder))) return false;
    if (OF_MACHINE.includes(path) || isInside(OF_MACHINE, path) || CLOSED.test(name)) return false;
    return meaning !== 'part' || isInside([root], path);
  }

  private output(place: Place, stats: BigIntStats): void {
    this.seen.settle(place);
    if (!this.seen.written.has(place.path)) this.before.set(place.path, { place, stamp: stampOf(stats) });
  }

  private file(place: Place, stats: BigIntStats): void {
    const { seen } = this;
    if (seen.written.has(place.path)) return;
    const stamp = stampOf(stats);
    this.bytes -= stamp.size;
    if (this.bytes < 0) return seen.open(place);
    const token = this.around.digests.now(place.path);
    seen.content(place, token);
    this.before.set(place.path, { place, stamp, token });
  }

  private folder(place: Place): boolean {
    const { seen } = this;
    const entries = new Set<string>();
    const isWhole = walkBelow(place.path, this.left, (folder, found) => {
      const here = seen.placeAt(folder);
      if (here === undefined) return;
      this.left -= found.length;
      seen.listing('kinds', here, kindsToken(found));
      for (const [name, kind] of found) {
        entries.add(`${folder}${sep}${name}`);
        this.entry(`${folder}${sep}${name}`, kind);
      }
    });
    if (!isWhole)
      seen.inputs.refuse(
        `a command is given ${place.name}, which has more than ${ENTRIES_MAX} files and folders in it`,
      );
    this.before.set(place.path, { place, entries });
    return true;
  }

  private entry(path: string, kind: Found[1]): void {
    const place = this.seen.placeAt(path);
    if (place === undefined || kind === 'dir' || kind === 'other') return;
    if (kind === 'link') this.seen.fact('link', place, this.seen.linkToken(readlinkSync(path)));
    const stats = statNow(path);
    if (stats?.isFile()) this.file(place, stats);
  }

  /** Takes the names in a folder and the files that fit, for `data/*.csv`. Other patterns stand for their folder. */
  private pattern({ path }: Place): boolean {
    const at = path.search(/[*?[{]/);
    const folder = this.seen.placeAt(dirname(`${path.slice(0, at)}x`));
    if (at < 0 || folder === undefined || !statNow(folder.path)?.isDirectory()) return false;
    if (path.includes(sep, at)) return this.isOpen(folder, 'name') && this.folder(folder);
    const names = compileGlobs([path.slice(folder.path.length + 1)]);
    this.seen.list('dir', folder);
    for (const [name] of entriesNow(folder.path)) {
      const place = names?.test(name) === true ? this.seen.placeAt(`${folder.path}${sep}${name}`) : undefined;
      if (place) this.take(place, { path: place.path, meaning: 'part', isRelative: false });
    }
    return true;
  }
}

/**
 * Lists a folder and those in it, except closed ones. False when there are more entries than `max`: the rest is left out, as
 * are folders that cannot be listed.
 */
function walkBelow(path: string, max: number, take: (folder: string, entries: readonly Found[]) => void): boolean {
  let left = max;
  const waiting = [path];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const entries = entriesNow(at);
    left -= entries.length;
    if (left < 0) return false;
    take(at, entries);
    for (const [name, kind] of entries) if (kind === 'dir' && !CLOSED.test(name)) waiting.push(`${at}${sep}${name}`);
  }
  return true;
}

function entriesNow(path: string): readonly Found[] {
  try {
    return entriesOf(readdirSync(path, { withFileTypes: true }));
  } catch {
    return [];
  }
}
