import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A killed process leaves its files behind; after this long nobody can be using them. Ms. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** A folder of this process for files that nobody needs after it. Clears away what killed processes left. */
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
    for (const name of readdirSync(this.folder)) {
      const other = join(this.folder, name);
      const stats = statSync(other, { throwIfNoEntry: false });
      if (stats && Date.now() - stats.mtimeMs > STALE_MS) rmSync(other, { recursive: true, force: true });
    }
    return mkdtempSync(join(this.folder, `${process.pid}-`));
  }
}
