import type { FileSystem } from './file-system.ts';
import type { Owner } from './owner.ts';

/**
 * What a finished put survives. `process`: the end of the process in any way, not a power cut. `power`: also a power
 * cut or a crash of the system, at some ten times the cost of a small object.
 */
export type Durability = 'process' | 'power';

export interface FsDatastoreOptions {
  /** Absolute. */
  readonly root: string;
  readonly durability?: Durability;
  readonly fileSystem?: FileSystem;
  readonly platform?: NodeJS.Platform;
  readonly owner?: () => Owner;
  /** Ms since the Unix epoch; only decides which temporary files are left over. */
  readonly now?: () => number;
}
