import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ValueReader } from '@varve/client';
import { type Digest, type Reference, VarveError, type WrittenArtifact } from '@varve/core/contract';
import {
  ArtifactError,
  type BlobAccess,
  DIR_CODEC,
  decodeManifest,
  type Elements,
  elementsOf,
  type ValuePort,
  type Values,
} from '@varve/core/internal';

/** Stored bytes in the memory of this process. */
export class MemoryBlobs implements BlobAccess {
  private readonly stored = new Map<Digest, Uint8Array>();
  private readonly copies = new LocalCopies((reference) => this.bytes(reference));

  read(references: readonly Reference[]): Uint8Array[] {
    return references.map((one) => this.bytes(one).slice());
  }

  async put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    this.stored.set(digest, new Uint8Array(Buffer.concat(parts)));
  }

  async putFile(digest: Digest, _size: number, file: string): Promise<void> {
    this.stored.set(digest, new Uint8Array(readFileSync(file)));
  }

  materializeSync(reference: Reference): string {
    return this.copies.place(reference);
  }

  async materialize(reference: Reference): Promise<string> {
    return this.copies.place(reference);
  }

  async *chunks(reference: Reference): AsyncGenerator<Uint8Array> {
    yield this.bytes(reference).slice();
  }

  async scratch(): Promise<string> {
    return this.copies.scratch();
  }

  /** Takes what an outcome brings along. */
  keep(bytes: Iterable<readonly [Digest, Uint8Array]>): void {
    for (const [digest, one] of bytes) this.stored.set(digest, one);
  }

  /** The same of artifacts. */
  keepWritten(artifacts: Iterable<WrittenArtifact>): void {
    for (const { reference, bytes } of artifacts) if (bytes) this.stored.set(reference.digest, bytes);
  }

  /** Removes what local copies there are. What is in memory stays. */
  close(): void {
    this.copies.remove();
  }

  private bytes({ digest }: Pick<Reference, 'digest'>): Uint8Array {
    const bytes = this.stored.get(digest);
    if (bytes) return bytes;
    throw new ArtifactError('VARVE_MISSING_ARTIFACT', `${digest} is not in the memory of this test`, {
      digest,
      key: digest,
    });
  }
}

const READ_ONLY = 0o444;
const EXECUTABLE = 0o555;

/** Files for steps that ask for the path of a stored file or folder, until the test's run has ended. */
export class LocalCopies {
  private folder: string | undefined;
  private removed = false;
  private scratches = 0;
  private readonly placed = new Map<string, string>();

  constructor(private readonly bytes: (reference: Pick<Reference, 'digest'>) => Uint8Array) {}

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

/** Values for the plan of a run, and for whoever reads what it left behind. */
export class MemoryValues implements ValuePort, ValueReader {
  constructor(
    private readonly values: Values,
    private readonly blobs: MemoryBlobs,
  ) {}

  async expand(list: Reference, name: string): Promise<Elements> {
    return elementsOf(this.readNow(list), name, (element) => this.digestOf(element));
  }

  async test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean> {
    const value = this.readNow(flag);
    return expected === undefined ? Boolean(value) : expected.includes(value);
  }

  store(value: unknown): Promise<WrittenArtifact> {
    return this.values.write(value);
  }

  /** As the elements of a foreach have it. */
  digestOf(element: unknown): string {
    const { codec, digest } = this.values.name(element).reference;
    return `${codec} ${digest}`;
  }

  readNow(reference: Reference): unknown {
    return this.values.read(reference).value;
  }

  async read(reference: Reference): Promise<unknown> {
    return this.readNow(reference);
  }

  async bytes(reference: Reference): Promise<Uint8Array> {
    return this.bytesNow(reference);
  }

  bytesNow(reference: Reference): Uint8Array {
    return this.blobs.read([reference])[0] ?? new Uint8Array(0);
  }

  stream(reference: Reference): AsyncIterable<Uint8Array> {
    return this.blobs.chunks(reference);
  }
}
