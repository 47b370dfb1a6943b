import { join } from 'node:path';
import type { Reference } from '../contract/index.ts';
import { type CopySource, LocalCopies } from './local-copies.ts';
import { ScratchDir } from './scratch-dir.ts';

/** What the I/O thread keeps on this machine: copies for whoever needs a path, and bytes on their way into the store. */
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
