import {
  type Digest,
  type Reference,
  type References,
  type RunTaskOptions,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
  type WrittenArtifact,
} from '@varve/core/contract';
import {
  type BlobAccess,
  type Elements,
  elementsOf,
  InlineRunner,
  joinBytes,
  type ValuePort,
  Values,
} from '@varve/core/internal';
import type { Preparation } from '@varve/runtime';

/** Executes single tasks in this thread. Their results stay in memory, unless they are to be kept. */
export class SpinSession implements Pick<ValuePort, 'expand' | 'test'> {
  private constructor(
    private readonly unsaved: UnsavedBlobs,
    private readonly values: Values,
    private readonly runner: InlineRunner,
  ) {}

  static async open({ stack, engine }: Preparation, keep: boolean): Promise<SpinSession> {
    const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
    const unsaved = new UnsavedBlobs(await engine.blobs(), keep);
    const values = new Values(unsaved, serializer, hasher);
    // Before the flow runs: stacks of modules that are loaded already stay as they are.
    process.setSourceMapsEnabled(true);
    return new SpinSession(
      unsaved,
      values,
      new InlineRunner({ values: async () => values, isMultiplexed: () => false }),
    );
  }

  /** Names a value and keeps it, so that a task can read it. Throws `SerializeError`. */
  async write(value: unknown): Promise<WrittenArtifact> {
    const written = await this.values.write(value);
    this.unsaved.add(written);
    return written;
  }

  async run(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    const outcome = await this.runner.run(spec, options);
    if (outcome.ok) for (const written of Object.values(outcome.writes)) this.unsaved.add(written);
    return outcome;
  }

  /** Bytes of the small artifacts among these that are not in the store. */
  unsavedOf(references: References): Map<Digest, Uint8Array> {
    return new Map(
      Object.values(references).flatMap(({ digest }) => {
        const bytes = this.unsaved.smallBytes(digest);
        return bytes ? [[digest, bytes] as const] : [];
      }),
    );
  }

  isStored(reference: Reference): boolean {
    return this.unsaved.isStored(reference);
  }

  read(reference: Reference): unknown {
    return this.values.read(reference).value;
  }

  async expand(list: Reference, name: string): Promise<Elements> {
    return elementsOf(this.read(list), name, (element) => {
      const { codec, digest } = this.values.name(element).reference;
      return `${codec} ${digest}`;
    });
  }

  async test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean> {
    const value = this.read(flag);
    return expected === undefined ? Boolean(value) : expected.includes(value);
  }
}

/**
 * Blobs of a store, and new ones over them that stay in memory; with `keep`, only the small ones do. They lie in this
 * thread, so that they can be read when the I/O thread has been closed, and so that no new file has to be copied.
 */
export class UnsavedBlobs implements BlobAccess {
  private readonly own = new Map<Digest, Uint8Array>();
  /** Digests of files that stayed where they were. */
  private readonly left = new Set<Digest>();
  readonly materializeSync: BlobAccess['materializeSync'];
  readonly materialize: BlobAccess['materialize'];
  readonly scratch: BlobAccess['scratch'];

  constructor(
    private readonly stored: BlobAccess,
    private readonly keep: boolean,
  ) {
    this.materializeSync = (reference) => stored.materializeSync(this.unlessLeft(reference));
    this.materialize = async (reference) => stored.materialize(this.unlessLeft(reference));
    this.scratch = () => stored.scratch();
  }

  /** Makes a small artifact that came with an outcome readable like any other. */
  add({ reference, bytes }: WrittenArtifact): void {
    if (bytes) this.own.set(reference.digest, bytes);
  }

  read(references: Parameters<BlobAccess['read']>[0]): Uint8Array[] {
    const missing = references.filter(({ digest }) => !this.own.has(digest)).map((one) => this.unlessLeft(one));
    const read = missing.length > 0 ? this.stored.read(missing) : [];
    return references.map(({ digest }) => this.own.get(digest)?.slice() ?? read.shift() ?? new Uint8Array(0));
  }

  /** The bytes of a small artifact that the store does not hold. */
  smallBytes(digest: Digest): Uint8Array | undefined {
    return this.own.get(digest);
  }

  async put(digest: Digest, parts: readonly Uint8Array[]): Promise<void> {
    if (this.keep) return this.stored.put(digest, parts);
    this.own.set(digest, joinBytes(parts));
  }

  /** Unless it is kept, a file stays where it is: only its digest is compared. */
  async putFile(digest: Digest, size: number, file: string): Promise<void> {
    if (this.keep) await this.stored.putFile(digest, size, file);
    else this.left.add(digest);
  }

  /** False for bytes that were written here and not stored. */
  isStored({ digest }: Reference): boolean {
    return !this.own.has(digest) && !this.left.has(digest);
  }

  private unlessLeft<T extends Pick<Reference, 'digest'>>(reference: T): T {
    if (!this.left.has(reference.digest)) return reference;
    throw new VarveError('VARVE_MISSING_ARTIFACT', 'a spin stores no files, and this one is new', {
      hint: 'Read the file that the step has made, or keep the attempt: --keep, or { keep: true } from code.',
    });
  }
}
