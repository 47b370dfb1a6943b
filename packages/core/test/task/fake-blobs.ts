import { join } from 'node:path';
import { freshFolder, hashOf, testSerializer } from '@varve/test-support';
import type { Digest, Reference, TaskSpec } from '../../src/contract/index.ts';
import { ArtifactError } from '../../src/store/artifacts/artifact-error.ts';
import { sha256Hasher } from '../../src/store/objects/digest.ts';
import type { BlobAccess } from '../../src/task/values/blob-access.ts';
import { Values } from '../../src/task/values/values.ts';

/** Stored bytes in memory that record every round trip. */
export class FakeBlobs implements BlobAccess {
  readonly stored = new Map<Digest, Uint8Array>();
  /** Digests of each round trip. */
  readonly reads: Digest[][] = [];
  readonly puts: Digest[] = [];
  /** Digests whose bytes are gone. */
  readonly lost = new Set<Digest>();
  readonly folder = freshFolder();
  readonly scratches: string[] = [];
  onPutFile: (file: string) => Uint8Array = () => new Uint8Array(0);

  read(references: readonly Reference[]): Uint8Array[] {
    this.reads.push(references.map((one) => one.digest));
    return references.map((one) => {
      this.refuseLost(one);
      const bytes = this.stored.get(one.digest);
      if (!bytes) throw new Error(`${one.digest} is not stored`);
      return bytes.slice();
    });
  }
  async put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    this.puts.push(digest);
    this.stored.set(digest, new Uint8Array(Buffer.concat(parts)));
  }
  async putFile(digest: Digest, _size: number, file: string): Promise<void> {
    this.puts.push(digest);
    this.stored.set(digest, this.onPutFile(file));
  }
  materializeSync(reference: Reference): string {
    this.refuseLost(reference);
    return join(this.folder, reference.digest.replace(':', '-'));
  }
  async materialize(reference: Reference): Promise<string> {
    return this.materializeSync(reference);
  }
  async scratch(): Promise<string> {
    const file = join(this.folder, `scratch-${this.scratches.length}`);
    this.scratches.push(file);
    return file;
  }

  private refuseLost({ digest }: Reference): void {
    if (this.lost.has(digest)) throw new ArtifactError('VARVE_MISSING_ARTIFACT', 'gone', { digest, key: 'cas/x' });
  }

  /** Stores a plain value without counting it. */
  add(value: unknown): Reference {
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(value)));
    const digest = hashOf(bytes);
    this.stored.set(digest, bytes);
    return { digest, size: bytes.byteLength, codec: 'json' };
  }
}

export function setUpValues() {
  const blobs = new FakeBlobs();
  return { blobs, values: new Values(blobs, testSerializer, sha256Hasher) };
}

export function specWith(inputs: TaskSpec['inputs']): TaskSpec {
  const code = { bundle: 'file:///flow.mjs', digest: hashOf(new Uint8Array(0)), flow: 'Test' };
  return {
    flow: 'Test',
    runId: 'run',
    runNumber: 1,
    step: 'read',
    task: 'read',
    label: 'read',
    attempt: 1,
    code,
    inputs,
    elements: [],
  };
}
