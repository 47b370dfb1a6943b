import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reference } from '../contract/index.ts';
import {
  DIR_CODEC,
  type DirEntry,
  decodeManifest,
  FILE_CODEC,
  joinBytes,
  parseDigest,
  readPieces,
  removeStale,
} from '../store/index.ts';

/** Bytes a write: larger ones are several times slower on ext4. */
const PIECE = 256 * 1024;

/** The source of copies. */
export interface CopySource {
  /** Fails at its end, before it says that it is complete, when the bytes are not those of the reference. */
  open(reference: Reference): AsyncIterable<Uint8Array>;
  matches(reference: Reference, stream: AsyncIterable<Uint8Array>): Promise<boolean>;
}

/**
 * Stored files and folders as files of this machine, for steps that need a path:
 *
 *     <folder>/file/sha256/9f86…      one file
 *     <folder>/dir/sha256/4e07…/…     a folder, named by its manifest
 *
 * A copy appears whole or not at all, may only be read, and is compared with its digest before it is handed out again,
 * unless nothing has touched it since this process did so. All of it can be deleted while no run is going.
 */
export class LocalCopies {
  private readonly working = new Map<string, Promise<string>>();
  /** Stamps of files whose bytes were verified. */
  private readonly trusted = new Map<string, string>();

  constructor(
    private readonly folder: string,
    private readonly source: CopySource,
  ) {}

  /** Absolute path of the copy. */
  place(reference: Reference): Promise<string> {
    const { algorithm, hex } = parseDigest(reference.digest);
    const isDir = reference.codec === DIR_CODEC;
    const target = join(this.folder, isDir ? 'dir' : 'file', algorithm, hex);
    const other = this.working.get(target);
    if (other) return other;
    const work = (isDir ? this.placeDir(reference, target) : this.placeFile(reference, target)).finally(() =>
      this.working.delete(target),
    );
    this.working.set(target, work);
    return work;
  }

  private async placeFile(reference: Reference, target: string): Promise<string> {
    const isThere = () => this.holds(target, reference, false);
    if (await isThere()) return target;
    await this.publish(target, isThere, (temp) => this.copy(reference, temp, false));
    this.trusted.set(target, stampOf(target) ?? '');
    return target;
  }

  private async placeDir(reference: Reference, target: string): Promise<string> {
    const entries = decodeManifest(await this.whole(reference));
    const isThere = () => this.holdsAll(target, entries);
    if (await isThere()) return target;
    await this.publish(target, isThere, async (temp) => {
      mkdirSync(temp);
      for (const entry of entries) {
        const file = join(temp, ...entry.path.split('/'));
        mkdirSync(dirname(file), { recursive: true });
        await this.copy(fileOf(entry), file, entry.executable);
      }
    });
    for (const { path } of entries) this.trusted.set(join(target, path), stampOf(join(target, path)) ?? '');
    return target;
  }

  /** Makes it under another name, then gives it its own in one step, in the place of a damaged one. */
  private async publish(
    target: string,
    isThere: () => Promise<boolean>,
    make: (temp: string) => Promise<void>,
  ): Promise<void> {
    const temp = join(this.folder, `temp-${process.pid}-${randomUUID()}`);
    try {
      mkdirSync(dirname(target), { recursive: true });
      await make(temp);
      // Another process may have been faster: then its copy stays, unless it is damaged.
      if (await isThere()) return;
      if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) renameSync(target, `${temp}-old`);
      renameSync(temp, target);
    } finally {
      for (const rest of [temp, `${temp}-old`]) rmSync(rest, { recursive: true, force: true });
    }
  }

  private async copy(reference: Reference, file: string, executable: boolean): Promise<void> {
    const fd = openSync(file, 'wx', 0o600);
    try {
      for await (const chunk of this.source.open(reference)) {
        for (let at = 0; at < chunk.byteLength; )
          at += writeSync(fd, chunk, at, Math.min(PIECE, chunk.byteLength - at));
      }
    } finally {
      closeSync(fd);
    }
    chmodSync(file, executable ? 0o555 : 0o444);
  }

  private async holdsAll(folder: string, entries: readonly DirEntry[]): Promise<boolean> {
    const wanted = new Map(entries.map((entry) => [join(folder, entry.path), entry]));
    const there = filesUnder(folder);
    if (there?.length !== wanted.size) return false;
    for (const file of there) {
      const entry = wanted.get(file);
      if (!entry || !(await this.holds(file, fileOf(entry), entry.executable))) return false;
    }
    return true;
  }

  private async holds(file: string, reference: Reference, executable: boolean): Promise<boolean> {
    const stamp = stampOf(file);
    if (stamp === undefined || (process.platform !== 'win32' && isExecutable(file) !== executable)) return false;
    if (this.trusted.get(file) === stamp) return true;
    if (lstatSync(file).size !== reference.size || !(await this.source.matches(reference, readPieces(file))))
      return false;
    this.trusted.set(file, stamp);
    return true;
  }

  private async whole(reference: Reference): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.source.open(reference)) chunks.push(chunk);
    return joinBytes(chunks);
  }
}

function fileOf({ digest, size }: DirEntry): Reference {
  return { digest, size, codec: FILE_CODEC };
}

function isExecutable(file: string): boolean {
  return (lstatSync(file).mode & 0o100) !== 0;
}

/** Differs after any write to a regular file; `undefined` when there is none. */
function stampOf(file: string): string | undefined {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() ? [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ') : undefined;
}

/** Everything below a folder that is not a folder; `undefined` when there is no such folder. */
function filesUnder(folder: string): string[] | undefined {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** Files of a session on this machine: copies for steps that need a path, and bytes on their way into the store. */
export class LocalSpace {
  private readonly copies: LocalCopies;
  private readonly scratchDir: ScratchDir;

  constructor(stateDir: string, source: CopySource) {
    this.copies = new LocalCopies(join(stateDir, 'copies'), source);
    this.scratchDir = new ScratchDir(join(stateDir, 'scratch'));
  }

  /** Path of a verified copy of a stored file or folder. */
  place(reference: Reference): Promise<string> {
    return this.copies.place(reference);
  }

  /** Path of a file that does not exist yet. */
  scratch(): string {
    return this.scratchDir.place();
  }

  close(): void {
    this.scratchDir.remove();
  }
}

/** A folder for temporary files of this process. Removes what killed processes left. */
export class ScratchDir {
  private own: string | undefined;

  constructor(private readonly folder: string) {}

  /** Absolute path of a file that does not exist yet. */
  place(): string {
    this.own ??= this.create();
    return join(this.own, randomUUID());
  }

  remove(): void {
    if (this.own !== undefined) rmSync(this.own, { recursive: true, force: true });
  }

  private create(): string {
    mkdirSync(this.folder, { recursive: true });
    removeStale(this.folder);
    return mkdtempSync(join(this.folder, `${process.pid}-`));
  }
}
