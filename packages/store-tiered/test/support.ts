import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Body, Datastore, GetOptions } from '@varve/core/contract';
import { hashOf, MemoryStore, noise } from '@varve/test-support';
import { afterEach } from 'vitest';
import { BlobKeys } from '../src/blob.ts';
import { type Disk, nodeDisk } from '../src/disk.ts';
import { Faults } from '../src/faults.ts';
import { FolderCopies } from '../src/folder-copies.ts';
import { StoreCopies } from '../src/store-copies.ts';
import { TieredDatastore } from '../src/tiered-datastore.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function freshRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'varve-tiered-'));
  folders.push(folder);
  return folder;
}

export interface WorldOptions {
  readonly root?: string;
  readonly remote?: Datastore;
  readonly maxBytes?: number;
  /** System calls that are replaced. */
  readonly disk?: Partial<Disk>;
  readonly now?: () => number;
}

/** A tiered store over a remote one in memory, with copies in a folder. */
export function world({
  root = freshRoot(),
  remote = new MemoryStore(),
  maxBytes = 1e9,
  disk,
  now,
}: WorldOptions = {}) {
  const { faults, warnings } = recorded();
  const local = { root, maxBytes, faults, disk: { ...nodeDisk, ...disk }, ...(now && { now }) };
  const store = new TieredDatastore(remote, new FolderCopies(local), new BlobKeys(), faults);
  return { root, remote: remote as MemoryStore, store, warnings };
}

/** The same with copies in another store in memory. */
export function worldOfStores(maxBytes = 1e9, remote = new MemoryStore()) {
  const { faults, warnings } = recorded();
  const local = new MemoryStore();
  const store = new TieredDatastore(
    remote,
    new StoreCopies({ store: local, maxBytes, faults }),
    new BlobKeys(),
    faults,
  );
  return { remote, local, store, warnings };
}

function recorded() {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message), debug: () => {} };
  return { warnings, faults: new Faults(logger, 'the folder', 'the remote store') };
}

export const keyOf = (bytes: Uint8Array): string => {
  const hex = hashOf(bytes).slice('sha256:'.length);
  return `cas/sha256/${hex.slice(0, 2)}/${hex}`;
};

/** A blob of this many bytes. */
export function blob(size: number, seed = 1) {
  const bytes = noise(size, seed);
  return { bytes, key: keyOf(bytes) };
}

/** A blob that only the remote store has. */
export function remoteBlob(remote: MemoryStore, size: number, seed = 1) {
  const made = blob(size, seed);
  remote.objects.set(made.key, { bytes: made.bytes.slice(), modifiedAt: 1 });
  return made;
}

export function inMemory(bytes: Uint8Array): Body {
  return { ...streamed(bytes), bytes };
}

export function streamed(bytes: Uint8Array, chunk = 50_000): Body {
  return {
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.slice(at, at + chunk);
    },
  };
}

export async function readAll(store: Datastore, key: string, options: GetOptions = {}): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.get(key, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Keys of the copies in a folder. */
export function copiesIn(root: string): string[] {
  const folder = join(root, 'copies');
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found
    .map(
      ({ parentPath, name }) =>
        `cas/${join(parentPath, name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/')}`,
    )
    .sort();
}

export function pathOf(root: string, key: string): string {
  return join(root, 'copies', key.slice('cas/'.length));
}

/** Files of copies on their way. */
export function drafts(root: string): string[] {
  const folder = join(root, '~tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** An error as Node throws it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: the system refuses, write`), { code });
}
