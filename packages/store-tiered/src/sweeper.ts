import { setImmediate } from 'node:timers/promises';
import { type Disk, isErrno } from './disk.ts';
import type { Faults } from './faults.ts';

/** Bytes that one byte of the ledger stands for. */
const UNIT = 64 * 1024;
/** Parts of `maxBytes`: a sweep leaves the first, and the next one begins when the second has been written. */
const LOW = 7 / 8;
const STEP = 1 / 16;
/** Ms without a write after which a file of a copy on its way is left over: a process that still writes to it only loses that copy. */
const LEFT_OVER_AFTER = 60 * 60 * 1000;
/** Ms after which the sweep of another process counts as broken off. */
const SWEEP_AFTER = 10 * 60 * 1000;

export interface SweeperOptions {
  readonly root: string;
  readonly maxBytes: number;
  /** The folder of copies on their way. */
  readonly temp: string;
  readonly disk: Disk;
  readonly now: () => number;
  readonly faults: Faults;
}

interface Found {
  readonly path: string;
  readonly size: number;
  /** Ms since the Unix epoch. */
  readonly usedAt: number;
}

/**
 * Keeps the copies of a folder below a size by deleting those that were used longest ago. Nobody counts the files for each
 * write: the length of the file `~ledger` is about the size of all copies in units, every process lengthens it by what it
 * writes, and a sweep counts anew and sets it right.
 */
export class Sweeper {
  /** Holds the copies, apart from what a store would keep at this place: a folder named by mistake loses nothing. */
  readonly folder: string;
  /** Bytes of the largest copy. A larger one would push out most of the others. */
  readonly largest: number;
  readonly #ledger: string;
  readonly #lock: string;
  /** Bytes to enter. Begins so that a process that writes little is counted with one unit rather than with none. */
  #pending = UNIT - 1;
  #sweep: Promise<void> | undefined;
  /** Length of the ledger above which a sweep begins. */
  #most: number;

  constructor(private readonly options: SweeperOptions) {
    this.folder = `${options.root}/copies`;
    this.largest = Math.floor(options.maxBytes / 2);
    this.#ledger = `${options.root}/~ledger`;
    this.#lock = `${options.root}/~sweep`;
    this.#most = this.#unitsOf(LOW + STEP);
  }

  /** Enters a new copy, and starts a sweep when all copies are about to be too large. */
  account(bytes: number): void {
    this.#pending += bytes;
    const units = Math.floor(this.#pending / UNIT);
    if (units === 0) return;
    this.#pending -= units * UNIT;
    this.options.disk.appendFileSync(this.#ledger, new Uint8Array(units));
    if (this.#entered() <= this.#most) return;
    this.#sweep ??= this.#run().finally(() => {
      this.#sweep = undefined;
    });
  }

  /** Resolves when no sweep is going on. */
  async idle(): Promise<void> {
    while (this.#sweep !== undefined) await this.#sweep;
  }

  /** Removes what killed processes have left of copies on their way. */
  removeLeftOvers(): void {
    const { temp, now } = this.options;
    for (const { path } of this.#filesIn(temp, 'mtimeMs', now() - LEFT_OVER_AFTER)) this.#remove(path);
  }

  async #run(): Promise<void> {
    if (!this.#takeLock()) return;
    try {
      this.removeLeftOvers();
      while (await this.#sweepOnce());
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) this.options.faults.note(error);
    } finally {
      this.#remove(this.#lock);
    }
  }

  /** True when so much was written meanwhile that there has to be another one. */
  async #sweepOnce(): Promise<boolean> {
    const before = this.#entered();
    const left = Math.ceil(this.#evict(await this.#allCopies()) / UNIT);
    // What was written meanwhile may be counted twice, until the next sweep, but never not at all.
    const now = left + Math.max(0, this.#entered() - before);
    this.options.disk.truncateSync(this.#ledger, now);
    // Copies of another user may be out of reach: looking for others at each write would be of no use.
    this.#most = Math.max(this.#unitsOf(LOW + STEP), left + this.#unitsOf(STEP));
    return now > this.#most;
  }

  /** Length of the ledger. */
  #entered(): number {
    return this.options.disk.statSync(this.#ledger).size;
  }

  #unitsOf(part: number): number {
    return Math.floor((this.options.maxBytes * part) / UNIT);
  }

  /** Two sweeps at once do no harm, they only cost twice: so a lock by age is enough. */
  #takeLock(): boolean {
    const { disk, now } = this.options;
    try {
      disk.closeSync(disk.openSync(this.#lock, 'wx'));
      return true;
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) return false;
      const lock = disk.statSync(this.#lock, { throwIfNoEntry: false });
      return lock !== undefined && now() - lock.mtimeMs > SWEEP_AFTER;
    }
  }

  async #allCopies(): Promise<Found[]> {
    const all: Found[] = [];
    for (const algorithm of this.#namesIn(this.folder)) {
      for (const part of this.#namesIn(`${this.folder}/${algorithm}`)) {
        all.push(...this.#filesIn(`${this.folder}/${algorithm}/${part}`, 'atimeMs', Infinity));
        await setImmediate();
      }
    }
    return all;
  }

  /** Returns the bytes that are left. */
  #evict(copies: readonly Found[]): number {
    const { maxBytes } = this.options;
    let left = copies.reduce((sum, { size }) => sum + size, 0);
    if (left <= maxBytes * (LOW + STEP)) return left;
    for (const { path, size } of [...copies].sort((a, b) => a.usedAt - b.usedAt)) {
      if (left <= maxBytes * LOW) break;
      if (this.#remove(path)) left -= size;
    }
    return left;
  }

  /** Files whose time is before `before`. */
  #filesIn(folder: string, time: 'atimeMs' | 'mtimeMs', before: number): Found[] {
    return this.#namesIn(folder).flatMap((name) => {
      const path = `${folder}/${name}`;
      const stats = this.options.disk.statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() && stats[time] < before ? [{ path, size: stats.size, usedAt: stats[time] }] : [];
    });
  }

  #namesIn(folder: string): string[] {
    try {
      return this.options.disk.readdirSync(folder);
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  }

  /** True when the file is gone, whoever removed it. */
  #remove(path: string): boolean {
    try {
      this.options.disk.unlinkSync(path);
      return true;
    } catch (error) {
      return isErrno(error, 'ENOENT');
    }
  }
}
