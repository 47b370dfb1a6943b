import type {
  Digest,
  Reference,
  References,
  RunTaskOptions,
  TaskOutcome,
  TaskSpec,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { Elements, ValuePort } from '../../run/plan/ports.ts';
import { openHasher, openPart } from '../../runtime/compose/open-parts.ts';
import { createBlobAccess } from '../../runtime/io/blob-port.ts';
import type { Preparation } from '../../runtime/runs/prepare.ts';
import { linkTo } from '../../runtime/workers/threads.ts';
import { elementsOf } from '../../session/list-labels.ts';
import { InlineRunner } from '../../task/inline-runner.ts';
import { Values } from '../../task/values/values.ts';
import { UnsavedBlobs } from './unsaved-blobs.ts';

/** Executes single tasks in this thread. What they write stays in memory, unless it is to be kept. */
export class SpinSession implements Pick<ValuePort, 'expand' | 'test'> {
  private constructor(
    private readonly unsaved: UnsavedBlobs,
    private readonly values: Values,
    private readonly runner: InlineRunner,
  ) {}

  static async open({ setup, engine }: Preparation, keep: boolean): Promise<SpinSession> {
    const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
    const unsaved = new UnsavedBlobs(createBlobAccess(linkTo(engine.io)), keep);
    const values = new Values(unsaved, serializer, hasher);
    // Before the flow runs: stacks of modules that are loaded already stay as they are.
    process.setSourceMapsEnabled(true);
    return new SpinSession(
      unsaved,
      values,
      new InlineRunner({ values: async () => values, isMultiplexed: () => false }),
    );
  }

  /** Gives a value a name under which a task finds it. Throws `SerializeError`. */
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

  /** Bytes of those of these artifacts that are not in the store. */
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
