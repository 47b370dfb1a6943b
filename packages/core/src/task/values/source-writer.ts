import {
  closeSync,
  type Dirent,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Digest, type Hasher, VarveError, type WrittenArtifact } from '../../contract/index.ts';
import type { ArtifactSource } from '../../flow/index.ts';
import {
  DIR_CODEC,
  type DirEntry,
  encodeManifest,
  FILE_CODEC,
  formatDigest,
  joinBytes,
  readPieces,
} from '../../store/index.ts';

import type { BlobAccess } from './blob-access.ts';

/** Most files of a folder that are stored at once. */
const FILES_MAX = 8;
/** Bytes a write: larger ones are several times slower on ext4. */
const PIECE = 256 * 1024;

/** Stores bytes that are in memory; few bytes travel with the outcome. */
export type WriteBytes = (bytes: Uint8Array, codec: string) => Promise<WrittenArtifact>;

/** Stores the content of files, folders and streams, hashed on the way. Holds only a few pieces of it in memory. */
export class SourceWriter {
  /** A source assigned to several fields is read once: a stream can be read only once. */
  private readonly done = new WeakMap<ArtifactSource, Promise<WrittenArtifact>>();

  constructor(
    private readonly blobs: Pick<BlobAccess, 'putFile' | 'scratch'>,
    private readonly hasher: Hasher,
    private readonly small: number,
    private readonly writeBytes: WriteBytes,
  ) {}

  write(source: ArtifactSource): Promise<WrittenArtifact> {
    const known = this.done.get(source);
    if (known) return known;
    const fresh = this.store(source);
    this.done.set(source, fresh);
    return fresh;
  }

  private store(source: ArtifactSource): Promise<WrittenArtifact> {
    if (source.kind === 'stream') return this.stream(source.chunks);
    return source.kind === 'dir' ? this.dir(source.path) : this.file(source.path);
  }

  private async file(path: string): Promise<WrittenArtifact> {
    const { size } = findFile(path);
    if (size <= this.small) return this.writeBytes(new Uint8Array(readFileSync(path)), FILE_CODEC);
    return { reference: { ...(await this.putFile(path)), codec: FILE_CODEC } };
  }

  private async dir(path: string): Promise<WrittenArtifact> {
    const waiting = listFolder(path);
    const entries: DirEntry[] = [];
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) entries.push(await this.entry(next));
    };
    await Promise.all(Array.from({ length: FILES_MAX }, work));
    return this.writeBytes(encodeManifest(entries), DIR_CODEC);
  }

  private async entry({ path, file, executable }: FoundFile): Promise<DirEntry> {
    return { path, executable, ...(await this.putFile(file)) };
  }

  private async putFile(file: string): Promise<{ readonly digest: Digest; readonly size: number }> {
    const hash = this.hasher.create();
    let size = 0;
    for await (const piece of readPieces(file)) {
      hash.update(piece);
      size += piece.byteLength;
    }
    const digest = formatDigest(this.hasher.algorithm, hash.digest());
    await this.blobs.putFile(digest, size, file);
    return { digest, size };
  }

  /** Few bytes stay in memory; many go to a file first, because a store needs the size beforehand. */
  private async stream(chunks: AsyncIterable<Uint8Array | string>): Promise<WrittenArtifact> {
    const spool = new Spool(this.small, () => this.blobs.scratch());
    const hash = this.hasher.create();
    try {
      for await (const chunk of chunks) {
        const bytes = toBytes(chunk);
        hash.update(bytes);
        await spool.add(bytes);
      }
      if (spool.file === undefined) return await this.writeBytes(spool.held(), FILE_CODEC);
      spool.close();
      const digest = formatDigest(this.hasher.algorithm, hash.digest());
      await this.blobs.putFile(digest, spool.size, spool.file);
      return { reference: { digest, size: spool.size, codec: FILE_CODEC } };
    } finally {
      spool.remove();
    }
  }
}

/** Buffers bytes of unknown number: in memory up to a limit, beyond it in a file. */
class Spool {
  file: string | undefined;
  size = 0;
  private fd: number | undefined;
  private parts: Uint8Array[] = [];

  constructor(
    private readonly limit: number,
    private readonly place: () => Promise<string>,
  ) {}

  async add(bytes: Uint8Array): Promise<void> {
    this.size += bytes.byteLength;
    if (this.fd !== undefined) return this.write(bytes);
    // Copied: a producer may reuse its buffer.
    this.parts.push(bytes.slice());
    if (this.size <= this.limit) return;
    this.file = await this.place();
    this.fd = openSync(this.file, 'wx', 0o600);
    for (const part of this.parts) this.write(part);
    this.parts = [];
  }

  held(): Uint8Array {
    return joinBytes(this.parts);
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  remove(): void {
    this.close();
    if (this.file !== undefined) rmSync(this.file, { force: true });
  }

  private write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; )
      at += writeSync(this.fd ?? -1, bytes, at, Math.min(PIECE, bytes.byteLength - at));
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, 'utf8');
  if (chunk instanceof Uint8Array) return chunk;
  throw new VarveError(
    'VARVE_NOT_A_STREAM',
    `artifact.stream() was given a stream of ${typeof chunk}s, not of bytes or texts`,
    {
      hint: 'Turn each item into text or bytes first, e.g. with JSON.stringify, or assign the items as an array.',
    },
  );
}

/** A file of a folder that is about to be stored. */
interface FoundFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly executable: boolean;
}

/** Finds a file by its path and follows links. Throws `VARVE_FILE_MISSING` or `VARVE_NOT_A_FILE`. */
function findFile(path: string): Stats {
  const stats = statOf(path, 'artifact.file');
  if (stats.isFile()) return stats;
  throw new VarveError(
    'VARVE_NOT_A_FILE',
    `artifact.file('${path}') is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`,
    {
      hint: stats.isDirectory() ? 'Use artifact.dir() for a folder.' : 'Use artifact.stream() for pipes and devices.',
    },
  );
}

/** Lists all regular files below a folder. Throws `VARVE_ARTIFACT_LINK` for a symbolic link, `VARVE_NOT_A_FILE` for devices. */
function listFolder(folder: string): FoundFile[] {
  if (!statOf(folder, 'artifact.dir').isDirectory()) {
    throw new VarveError('VARVE_NOT_A_FOLDER', `artifact.dir('${folder}') is not a folder`, {
      hint: 'Use artifact.file() for a file.',
    });
  }
  const found: FoundFile[] = [];
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else found.push(regular(entry, path, join(folder, path)));
    }
  }
  return found;
}

function regular(entry: Dirent, path: string, file: string): FoundFile {
  if (entry.isFile()) return { path, file, executable: (statSync(file).mode & 0o100) !== 0 };
  if (entry.isSymbolicLink()) {
    throw new VarveError(
      'VARVE_ARTIFACT_LINK',
      `artifact.dir() found the symbolic link '${path}' (${file}), and a stored folder holds files only`,
      {
        hint: 'Copy what it leads to into the folder, or remove the link.',
      },
    );
  }
  throw new VarveError(
    'VARVE_NOT_A_FILE',
    `artifact.dir() found '${path}' (${file}), which is neither a file nor a folder`,
    {
      hint: 'Remove it: sockets, pipes and devices cannot be stored.',
    },
  );
}

function statOf(path: string, call: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) return stats;
  throw new VarveError('VARVE_FILE_MISSING', `${call}('${path}'): there is nothing at this path when the step ends`, {
    hint: 'Write it before the step ends, and keep it until then.',
  });
}
