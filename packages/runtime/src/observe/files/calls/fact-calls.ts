import type { Dirent, Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readlinkSync, statNow } from '../../shared/originals.ts';
import { ABSENT } from '../../shared/tokens.ts';
import { entriesOf, type Found, type Listing, walk } from '../facts/listings.ts';
import type { Place } from '../facts/places.ts';
import { kindsToken, namesToken, statToken } from '../facts/tokens.ts';
import { existsToken, type SeenFiles } from '../seen-files.ts';
import type { After, Call, Watch } from './wrap.ts';

/** Calls that say something about files and folders besides their content. */
export const FACT_CALLS: Readonly<Record<string, Call>> = {
  stat: watching((seen, place) => (error, stats) => {
    if (error !== undefined) return seen.failure('stat', place, error);
    seen.fact('stat', place, stats === undefined ? ABSENT : statToken(stats as Stats));
  }),
  lstat: watching(watchLstat),
  access: watching(watchAccess),
  realpath: {
    ...watching((seen, place) => (error, path) => {
      if (error === undefined) return seen.fact('real', place, seen.realToken(String(path)));
      seen.failure('real', place, error);
      noteObstacle(seen, error);
    }),
    isComposed: true,
  },
  readlink: watching((seen, place) => (error, target) => {
    if (error === undefined) seen.fact('link', place, seen.linkToken(String(target)));
    else seen.failure('link', place, error);
  }),
  readdir: { watch: watchReaddir },
  opendir: { watch: watchOpendir },
  glob: { watch: watchGlob, isTransparent: true },
  statfs: { watch: (seen) => noteCall(seen, 'fs.statfs') },
  watch: { watch: (seen) => noteCall(seen, 'fs.watch') },
  watchFile: { watch: (seen) => noteCall(seen, 'fs.watchFile') },
};

/** `existsSync`, which returns its answer, and `exists`, whose callback gets it as its only argument. */
export const watchExists: Watch = (seen, [path]) => {
  const place = seen.place(path);
  return (
    place &&
    ((error, result) => {
      if (error === true || result === true) seen.fact('exists', place, 'yes');
      else seen.existence(place);
    })
  );
};

function watching(watch: (seen: SeenFiles, place: Place, args: readonly unknown[]) => After): Call {
  return {
    watch: (seen, args) => {
      // The loader of modules passes a cache of its own here: what it loads is observed elsewhere.
      if (isOfLoader(args[1])) return undefined;
      const place = seen.place(args[0]);
      return place && watch(seen, place, args);
    },
  };
}

/** Node names the part of the path at which it could not go on. */
function noteObstacle(seen: SeenFiles, error: unknown): void {
  const { path } = error as { readonly path?: unknown };
  const place = typeof path === 'string' ? seen.placeAt(path) : undefined;
  if (place) seen.existence(place);
}

function isOfLoader(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Object.getOwnPropertySymbols(options).length > 0;
}

/** A link and what it leads to are two facts: `stat` follows links. */
function watchLstat(seen: SeenFiles, place: Place): After {
  return (error, result) => {
    if (error !== undefined) return seen.failure('link', place, error);
    const stats = result as Stats | undefined;
    if (stats === undefined) return seen.fact('link', place, ABSENT);
    if (stats.isSymbolicLink()) return seen.fact('link', place, seen.linkToken(readlinkSync(place.path)));
    seen.fact('link', place, NO_LINK);
    seen.fact('stat', place, statToken(stats));
  };
}

/** Reading the target of something that is no link fails with this. */
const NO_LINK = 'error EINVAL';
const X_OK = 1;

/** Permissions do not count, but for the one to execute. */
function watchAccess(seen: SeenFiles, place: Place, [, mode]: readonly unknown[]): After {
  return (error) => {
    seen.fact('exists', place, error === undefined ? 'yes' : existsToken(place.path));
    if (typeof mode !== 'number' || (mode & X_OK) === 0) return;
    const stats = statNow(place.path);
    if (stats) seen.fact('stat', place, statToken(stats));
  };
}

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly recursive?: boolean;
  readonly encoding?: string;
}

function watchReaddir(seen: SeenFiles, [path, given]: readonly unknown[]): After | undefined {
  const place = seen.place(path);
  if (place === undefined) return undefined;
  const options = (typeof given === 'object' && given !== null ? given : {}) as ListOptions;
  const encoding = typeof given === 'string' ? given : (options.encoding ?? 'utf8');
  const kind: Listing = options.recursive ? 'tree' : options.withFileTypes ? 'kinds' : 'dir';
  return (error, result) => {
    if (error !== undefined) return seen.failure(kind, place, error);
    if (kind === 'tree') return noteTree(seen, place, new Set());
    const isText = encoding === 'utf8' || encoding === 'utf-8';
    if (isText) seen.listing(kind, place, listToken(kind, result));
    else seen.list(kind, place);
  };
}

function listToken(kind: Listing, result: unknown): string {
  return kind === 'dir' ? namesToken(result as string[]) : kindsToken(entriesOf(result as Dirent[]));
}

/** Node may follow links to folders while it lists what is below: what they lead to counts, each once. */
function noteTree(seen: SeenFiles, place: Place, known: Set<string>): void {
  if (known.has(place.path)) return;
  known.add(place.path);
  const found = foundBelow(seen, place);
  for (const [name, kind] of found) {
    if (kind !== 'link') continue;
    const path = join(place.path, name);
    const target = seen.placeAt(path, place);
    if (target === undefined || known.size > LINKS_MAX) continue;
    const stats = statNow(path);
    seen.fact('stat', target, stats ? statToken(stats) : ABSENT);
    if (stats?.isDirectory()) noteTree(seen, target, known);
  }
}

function foundBelow(seen: SeenFiles, place: Place): readonly Found[] {
  try {
    const found = walk(place.path);
    seen.listing('tree', place, kindsToken(found));
    return found;
  } catch (error) {
    seen.failure('tree', place, error);
    return [];
  }
}

/** Links that are followed: a circle of links has no end, and Node gives up after as many levels. */
const LINKS_MAX = 40;

/** A folder that is read entry by entry counts as a whole. */
function watchOpendir(seen: SeenFiles, [path, options]: readonly unknown[]): After | undefined {
  const place = seen.place(path);
  return (
    place &&
    ((error) => {
      const { recursive = false } = (typeof options === 'object' && options !== null ? options : {}) as ListOptions;
      if (error !== undefined) seen.failure(recursive ? 'tree' : 'kinds', place, error);
      else if (recursive) noteTree(seen, place, new Set());
      else seen.list('kinds', place);
    })
  );
}

/** Node lists the folders with other calls of these modules, which are seen; here it is only where they begin. */
function watchGlob(seen: SeenFiles, [, options]: readonly unknown[]): undefined {
  const { cwd } = (typeof options === 'object' && options !== null ? options : {}) as { readonly cwd?: unknown };
  if (typeof cwd !== 'string' || !isAbsolute(cwd)) seen.directory();
}

function noteCall(seen: SeenFiles, call: string): undefined {
  seen.call(call);
}
