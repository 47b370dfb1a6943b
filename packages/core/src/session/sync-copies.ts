import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Reference, VarveError } from '../contract/index.ts';
import { DIR_CODEC, decodeManifest } from '../store/index.ts';

const READ_ONLY = 0o444;
const EXECUTABLE = 0o555;

/** Local files for steps that ask for the path of a stored file or folder, made at once and removed at the end. */
export class SyncCopies {
  private folder: string | undefined;
  private removed = false;
  private scratches = 0;
  private readonly placed = new Map<string, string>();

  constructor(private readonly bytes: (reference: Pick<Reference, 'digest' | 'size'>) => Uint8Array) {}

  /** Path of a copy. Throws `VARVE_TEST_ENDED` after `remove`. */
  place(reference: Reference): string {
    const key = `${reference.codec} ${reference.digest}`;
    const known = this.placed.get(key);
    if (known !== undefined) return known;
    const path = join(this.open(), `${this.placed.size}-${reference.digest.replace(/^.*:/, '').slice(0, 16)}`);
    if (reference.codec === DIR_CODEC) this.writeFolder(path, reference);
    else writeFileSync(path, this.bytes(reference), { mode: READ_ONLY });
    this.placed.set(key, path);
    return path;
  }

  /** Path of a file that does not exist yet. */
  scratch(): string {
    return join(this.open(), `scratch-${this.scratches++}`);
  }

  remove(): void {
    this.removed = true;
    this.placed.clear();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private open(): string {
    if (this.removed) {
      throw new VarveError('VARVE_TEST_ENDED', 'path() was called after the run of a test, which has left no files', {
        hint: 'Read it with bytes(), text() or stream(), or call path() in a step.',
      });
    }
    this.folder ??= mkdtempSync(join(tmpdir(), 'varve-test-'));
    return this.folder;
  }

  private writeFolder(path: string, reference: Reference): void {
    mkdirSync(path);
    for (const entry of decodeManifest(this.bytes(reference))) {
      const file = join(path, ...entry.path.split('/'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, this.bytes(entry), { mode: entry.executable ? EXECUTABLE : READ_ONLY });
    }
  }
}
