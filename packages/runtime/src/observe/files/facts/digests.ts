import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { wallNow } from '@varve/core/internal';
import { close, closeSync, open, openSync, read, readSync, stat, statSync } from '../../shared/originals.ts';
import { digestOf } from '../../shared/tokens.ts';
import { errorToken } from './tokens.ts';

/** Bytes read at once. */
const PIECE = 1024 * 1024;
/** Known digests beyond which all are forgotten. */
const KNOWN_MAX = 200_000;
/** Ms within which two changes of a file may bear the same time, on file systems with fine and with coarse clocks. */
const GRAIN_FINE = 20;
const GRAIN_COARSE = 2_000;

/** What tells two states of a file apart, as long as it was not changed within the grain of the clock. */
export interface Stamp {
  readonly key: string;
  readonly size: number;
  /** True when the file could be changed once more and keep this stamp. */
  readonly isYoung: boolean;
}

export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  const grain = ctimeNs % 1_000_000_000n === 0n ? GRAIN_COARSE : GRAIN_FINE;
  const isYoung = wallNow() - Number(ctimeNs / 1_000_000n) < grain;
  return { key: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`, size: Number(size), isYoung };
}

/** Tokens of the contents of files: a file that has not changed is hashed once in the life of the thread. */
export class Digests {
  private readonly known = new Map<string, string>();

  /** SHA-256 in hex, `dir`, `other` for devices and pipes, `-`, or `error CODE`. Never throws. */
  now(path: string): string {
    try {
      const before = statSync(path, { bigint: true });
      return (
        this.lookUp(before) ?? this.learn(before, statSync(path, { bigint: true }), hashNow(path, Number(before.size)))
      );
    } catch (error) {
      return errorToken(error);
    }
  }

  /** The same, without blocking the thread for longer than one piece of a file takes. */
  async later(path: string): Promise<string> {
    try {
      const before = await statLater(path);
      const known = this.lookUp(before);
      if (known !== undefined) return known;
      const token = await hashLater(path, Number(before.size));
      return this.learn(before, await statLater(path), token);
    } catch (error) {
      return errorToken(error);
    }
  }

  private lookUp(stats: BigIntStats): string | undefined {
    if (stats.isDirectory()) return 'dir';
    return stats.isFile() ? this.known.get(stampOf(stats).key) : 'other';
  }

  private learn(before: BigIntStats, after: BigIntStats, token: string): string {
    const { key, isYoung } = stampOf(before);
    if (isYoung || key !== stampOf(after).key) return token;
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(key, token);
    return token;
  }
}

function hashNow(path: string, size: number): string {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(Math.min(size + 1, PIECE));
    const first = readSync(fd, piece, 0, piece.byteLength, null);
    if (first < piece.byteLength) return digestOf(piece.subarray(0, first));
    const hash = createHash('sha256').update(piece);
    for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) hash.update(piece.subarray(0, count));
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

async function hashLater(path: string, size: number): Promise<string> {
  const fd = await new Promise<number>((done, fail) =>
    open(path, 'r', (error, fd) => (error ? fail(error) : done(fd))),
  );
  try {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(Math.min(size + 1, PIECE));
    for (let count = await readLater(fd, piece); count > 0; count = await readLater(fd, piece))
      hash.update(piece.subarray(0, count));
    return hash.digest('hex');
  } finally {
    await new Promise<void>((done) => close(fd, () => done()));
  }
}

function readLater(fd: number, piece: Buffer): Promise<number> {
  return new Promise((done, fail) =>
    read(fd, piece, 0, piece.byteLength, null, (error, count) => (error ? fail(error) : done(count))),
  );
}

function statLater(path: string): Promise<BigIntStats> {
  return new Promise((done, fail) =>
    stat(path, { bigint: true }, (error, stats) => (error ? fail(error) : done(stats))),
  );
}
