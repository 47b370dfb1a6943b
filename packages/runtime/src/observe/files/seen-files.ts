import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AmbientKind } from '@varve/core/contract';
import { type AmbientInputs, wallNow } from '@varve/core/internal';
import type { Roots } from '../asking/asker.ts';
import { accessSync, readlinkSync, realpathSync, statNow, statSync } from '../shared/originals.ts';
import { digestOf } from '../shared/tokens.ts';
import { isByUser, noteReading, readerOf } from './caller.ts';
import { Commands } from './commands.ts';
import { type Digests, type Stamp, stampOf } from './facts/digests.ts';
import { excludedBy } from './facts/exclude.ts';
import { inParallel } from './facts/in-parallel.ts';
import { type Listing, listNow } from './facts/listings.ts';
import type { Place, Places } from './facts/places.ts';
import { codeOf, errorToken, isState, statToken } from './facts/tokens.ts';
import { isStandardInput, isSystemFile, noteSystemFile, pathOfDescriptor } from './system-files.ts';
import { leftToken, Written } from './written.ts';

/** Bytes up to which a file that was just changed is hashed at once, because its stamp cannot tell another change. */
const YOUNG_MAX = 1024 * 1024;
/** Files that are hashed side by side at the end of a task. */
const WIDTH = 8;

/** Errors of changes that have changed something. */
const HALF_WAY = new Set(['ABORT_ERR', 'ENOSPC', 'EIO', 'EDQUOT', 'EFBIG']);
/** Errors of changes that fail for as long as what is there stays. */
const OBSTACLES = new Set(['EEXIST', 'ENOTEMPTY', 'EXDEV', 'EROFS']);

/** What all tasks of a thread share. */
export interface Surroundings {
  readonly places: Places;
  readonly roots: Roots;
  readonly digests: Digests;
  /** Contents of files that packages have read in their own folders, by path, as they were when they were first read. */
  readonly own: Map<string, string>;
  readonly cwd: () => string;
}

/** A file that was opened: its content is hashed at the end, off the path of the task. */
interface Opened {
  readonly place: Place;
  readonly stamp: Stamp;
  /** The digest when it was opened, if its stamp could not be relied upon. */
  readonly token: string | undefined;
}

/** What one task, or the loading of a flow's file, sees of the file system. */
export class SeenFiles {
  readonly written = new Written(({ name }) => this.inputs.read(`@wrote ${name}`, ''));
  readonly commands: Commands;
  private readonly opened = new Map<string, Opened>();
  /** Names that the step leaves out, besides those of the config. */
  private readonly excluded: RegExp | undefined;
  /** Time in ms, at or after the real start of the task: files that have changed before it count. */
  private readonly began = wallNow();
  private ended = false;

  constructor(
    readonly inputs: AmbientInputs,
    private readonly around: Surroundings,
  ) {
    this.excluded = excludedBy(inputs.counts);
    this.commands = new Commands(this, around);
    inputs.atEnd(() => this.end());
    inputs.onSettle(() => this.settleAll());
  }

  /** The place of a path argument. `undefined` for what does not count, and for what is no path. */
  place(argument: unknown): Place | undefined {
    const named = this.pathOf(argument);
    if (named === undefined) return undefined;
    const path = this.written.hasLinks ? this.written.follow(named, false) : named;
    const { places, roots } = this.around;
    const place = this.counted(places.place(path));
    if (place === undefined || isStandardInput(path)) noteSystemFile(this.inputs, path, roots);
    else if (place.isTemporary) return this.temporary(place);
    else if (place.path !== path) this.noteLink(path, place);
    return place?.path.includes(NODE_MODULES) ? this.installed(place) : place;
  }

  /** What Node reads to load a module is known otherwise. What a package reads in its own folder it may keep for other tasks. */
  private installed(place: Place): Place | undefined {
    const { roots, own, digests } = this.around;
    const reader = readerOf(place.path, roots);
    if (reader === 'loader') return undefined;
    if (reader === 'owner' && !own.has(place.path)) own.set(place.path, digests.now(place.path));
    return place;
  }

  private counted(place: Place | undefined): Place | undefined {
    return place && this.excluded?.test(place.name) ? undefined : place;
  }

  /** Packages keep files of their own among the temporary ones; what the user's code reads there counts, if it was there. */
  private temporary(place: Place): Place {
    if (this.isOwn(place)) return place;
    const isUnread = !isByUser(this.around.roots) || this.isOfProgram(place.path);
    return isUnread ? { ...place, isUnread } : place;
  }

  /** True for a file that has changed since the task began, maybe by a program or a thread that the task has started. */
  private isOfProgram(path: string): boolean {
    if (!this.commands.hasStarted && !this.inputs.hasCall('Worker')) return false;
    const stats = statNow(path);
    return stats !== undefined && Number(stats.ctimeMs) > this.began + 1;
  }

  /** A link that leads out of a folder that does not count: where it leads is an input, unless the task has made it. */
  private noteLink(path: string, { path: real }: Place): void {
    if (isSystemFile(path) || this.written.hasOnWay(path)) return;
    this.inputs.read(`@real ${this.around.places.nameOf(path)}`, this.realToken(real));
  }

  /** Notes that the working directory matters. */
  directory(): string {
    const cwd = this.around.cwd();
    this.inputs.read('@os cwd', digestOf(this.around.places.nameOf(cwd)));
    return cwd;
  }

  /** Notes a call that looks at what is never the same twice, with its place. */
  call(call: string): void {
    noteReading(this.inputs, call, this.around.roots);
  }

  /** A place by its absolute path, for what the task reaches without naming it, from a place that it has named. */
  placeAt(path: string, { isUnread = false }: Partial<Place> = {}): Place | undefined {
    const place = this.counted(this.around.places.place(path));
    return place?.isTemporary && isUnread ? { ...place, isUnread } : place;
  }

  /** The place behind links that the task has made; `undefined` when it does not count. */
  private behindOwn(place: Place): Place | undefined {
    if (!this.written.hasLinks) return place;
    const path = this.written.follow(place.path, true);
    return path === place.path ? place : this.placeAt(path, place);
  }

  /** True for a file that the task has written. */
  isOwn(place: Place): boolean {
    const at = this.behindOwn(place);
    return at === undefined || this.written.has(at.path);
  }

  /** Notes a fact about a path, unless the task itself brought it about. */
  fact(kind: AmbientKind, place: Place, token: string): void {
    const at = kind === 'link' ? place : this.behindOwn(place);
    if (at === undefined) return;
    const { path, name, isUnread } = at;
    this.commands.look(path);
    if (!isUnread && !this.written.has(path)) this.inputs.read(`@${kind} ${name}`, token);
  }

  linkToken(target: string): string {
    return this.around.places.linkToken(target);
  }

  realToken(path: string): string {
    return this.around.places.nameOf(path);
  }

  /** Notes the names in a folder. The task's own files among them are no news to it. */
  listing(kind: Listing, place: Place, token: string): void {
    const isKnown = this.inputs.has(`@${kind} ${place.name}`) && this.written.hasBelow(place.path);
    if (!isKnown) this.fact(kind, place, token);
  }

  /** Notes what is in a folder now. */
  list(kind: Listing, place: Place): void {
    try {
      this.listing(kind, place, listNow(kind, place.path));
    } catch (error) {
      this.failure(kind, place, error);
    }
  }

  /** Notes that a call failed. `kind`: what a success would have been. */
  failure(kind: AmbientKind, place: Place, error: unknown): void {
    if (isState(error)) return this.fact(kind, place, errorToken(error));
    // Node may object to an argument only after it has looked at the path.
    if (codeOf(error)?.startsWith('ERR_INVALID')) return this.nature(place);
    this.inputs.refuse(`reading ${place.name} failed: ${errorToken(error)}`);
  }

  /** Notes whether something is there. */
  existence(place: Place): void {
    this.fact('exists', place, existsToken(place.path));
  }

  /** Notes what is there: a link, and what it leads to, a file or a folder. */
  nature(place: Place): void {
    this.fact(
      'link',
      place,
      tokenOf(() => this.linkToken(readlinkSync(place.path))),
    );
    this.fact(
      'stat',
      place,
      tokenOf(() => statToken(statSync(place.path))),
    );
  }

  /** Notes a file whose content is used from now on. */
  open(named: Place): void {
    const place = this.behindOwn(named);
    if (place === undefined || place.isUnread) return;
    const { path } = place;
    if (this.ended) return this.content(place);
    this.commands.look(path);
    this.inputs.mark(`@file ${place.name}`);
    if (this.written.has(path) || this.opened.has(path)) return;
    try {
      const stats = statSync(path, { bigint: true });
      if (!stats.isFile()) return this.special(place, stats.isDirectory());
      const stamp = stampOf(stats);
      const token = stamp.isYoung && stamp.size <= YOUNG_MAX ? this.around.digests.now(path) : undefined;
      this.opened.set(path, { place, stamp, token });
    } catch (error) {
      this.failure('file', place, error);
    }
  }

  /** Notes the content of a file as it is now, because the task is about to change it. `token`: of that, if it is known. */
  content(named: Place, token?: string): void {
    const place = this.behindOwn(named);
    if (place === undefined) return;
    const opened = this.opened.get(place.path);
    this.opened.delete(place.path);
    if (place.isUnread || this.written.has(place.path)) return;
    const now = token ?? this.around.digests.now(place.path);
    if (opened) this.conclude(opened, now);
    else this.fact('file', place, now);
  }

  /** Call it before the task changes something at a path or below it: what was opened there counts as it was. */
  settle(place: Place): void {
    this.commands.settle(place.path);
    if (this.opened.size === 0) return;
    for (const { place: one } of [...this.opened.values()])
      if (one.path === place.path || one.path.startsWith(place.path + sep)) this.content(one);
  }

  /** Notes the files that were opened as they are now. */
  private settleAll(): void {
    for (const { place } of [...this.opened.values()]) this.content(place);
  }

  /** Notes that a change failed: half-way, so that something has changed, or because of what is there, or is not. */
  refusal(place: Place, error: unknown): void {
    const code = codeOf(error) ?? '';
    if (code.startsWith('ERR_INVALID')) return;
    if (HALF_WAY.has(code)) return this.written.add(place);
    if (!isState(error) && !OBSTACLES.has(code) && !code.startsWith('ERR_FS_'))
      this.inputs.refuse(`changing ${place.name} failed: ${code}`);
    this.nature(place);
    const parent = this.placeAt(dirname(place.path));
    if (parent) this.nature(parent);
    if (code === 'ENOTEMPTY') this.list('dir', place);
  }

  /** Notes that a file is read of which there is only the descriptor. */
  useDescriptor(descriptor: number): void {
    const path = pathOfDescriptor(descriptor);
    if (path === undefined)
      return this.inputs.refuse(`it read from descriptor ${descriptor}, which no task has opened`);
    const place = this.placeAt(path);
    if (place) this.open(place);
  }

  private special(place: Place, isFolder: boolean): void {
    if (isFolder) return this.fact('file', place, 'dir');
    this.inputs.refuse(`${place.name} is neither a file nor a folder, so its content is different at each look`);
  }

  private pathOf(argument: unknown): string | undefined {
    const text = this.textOf(argument);
    if (text === undefined || text.includes('\0')) return undefined;
    if (isNormal(text)) return text;
    if (isAbsolute(text)) return this.climb(text);
    // The working directory has no links in it, so that leading dots can be taken literally.
    const [dots = ''] = /^(?:\.\.?[\\/])*/.exec(text) ?? [];
    return this.climb(`${resolve(this.directory(), dots)}${sep}${text.slice(dots.length)}`);
  }

  /** Above a link to a folder is what is above the folder, which a path alone does not tell. */
  private climb(path: string): string {
    const at = path.lastIndexOf(`${sep}..`);
    if (at < 0) return resolve(path);
    const below = path.slice(0, at);
    const link = resolve(below);
    try {
      const real = realpathSync.native(below);
      const place = real === link ? undefined : this.placeAt(link);
      if (place) this.fact('real', place, this.realToken(real));
      return resolve(real, path.slice(at + 1));
    } catch {
      return resolve(path);
    }
  }

  private textOf(argument: unknown): string | undefined {
    if (typeof argument === 'string') return argument;
    if (argument instanceof URL) return argument.protocol === 'file:' ? fileURLToPath(argument) : undefined;
    if (!(argument instanceof Uint8Array)) return undefined;
    const bytes = Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
    const text = bytes.toString();
    if (!Buffer.from(text).equals(bytes)) this.inputs.refuse('it used a path that is not text');
    return text;
  }

  private async end(): Promise<void> {
    this.commands.end();
    this.ended = true;
    await inParallel(this.opened.values(), WIDTH, (one) => this.finish(one));
    for (const [path, token] of this.around.own) this.keptByPackage(path, token);
    await inParallel(this.written.end(), WIDTH, async ({ path, name }) => {
      this.inputs.replace(`@wrote ${name}`, await leftToken(path, this.around.places, this.around.digests));
    });
  }

  /** Any task may use what a package keeps of a file of its own. */
  private keptByPackage(path: string, token: string): void {
    const place = this.placeAt(path);
    if (place && !this.written.has(path)) this.inputs.read(`@file ${place.name}`, token);
  }

  private async finish(opened: Opened): Promise<void> {
    this.conclude(opened, await this.around.digests.later(opened.place.path));
  }

  /** `now`: the token of the content after it was read. */
  private conclude({ place: { name, path }, stamp, token: first }: Opened, now: string): void {
    const token = first ?? now;
    this.inputs.read(`@file ${name}`, token);
    if (stampAt(path)?.key !== stamp.key || token !== now) this.inputs.refuse(`${name} changed while it was read`);
    else if (stamp.isYoung && stamp.size > YOUNG_MAX)
      this.inputs.refuse(`${name} was still being written shortly before it was read`);
  }
}

/** True for an absolute path without dots and doubled separators, as most are: it need not be taken apart. */
function isNormal(path: string): boolean {
  return path.startsWith('/') && sep === '/' && !path.includes('/.') && !path.includes('//') && !path.endsWith('/');
}

const NODE_MODULES = `${sep}node_modules${sep}`;

/** `yes`, or the token of the error. */
export function existsToken(path: string): string {
  return tokenOf(() => {
    accessSync(path);
    return 'yes';
  });
}

function tokenOf(look: () => string): string {
  try {
    return look();
  } catch (error) {
    return errorToken(error);
  }
}

/** `undefined` for what cannot be looked at. */
function stampAt(path: string): Stamp | undefined {
  const stats = statNow(path);
  return stats && stampOf(stats);
}
