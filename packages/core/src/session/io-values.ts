import type { Reference, WrittenArtifact } from '../contract/index.ts';
import type { Elements } from '../run/plan/ports.ts';
import { isFileCodec } from '../task/values/stored-files.ts';
import { concat, SMALL } from '../task/values/values.ts';
import { elementsOf } from './list-labels.ts';
import type { IoParts } from './parts.ts';

/** Looks into values, and stores them, for the scheduler: it never holds one itself. */
export class IoValues {
  constructor(
    private readonly parts: () => Promise<IoParts>,
    private readonly read: (reference: Reference) => Promise<readonly Uint8Array[]>,
  ) {}

  /** Equal elements have equal digests, wherever they stand in a list. */
  async expand(list: Reference, name: string): Promise<Elements> {
    const { serializer, artifacts } = await this.parts();
    return elementsOf(await this.value(list), name, (element) => {
      const { codec, parts } = serializer.encode(element);
      return `${codec} ${artifacts.refer(parts, codec).digest}`;
    });
  }

  async test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean> {
    const value = await this.value(flag);
    return expected === undefined ? Boolean(value) : expected.includes(value);
  }

  async store(value: unknown): Promise<WrittenArtifact> {
    const { codec, parts } = (await this.parts()).serializer.encode(value);
    return this.keep(parts, codec);
  }

  /** Names bytes; what is not small is durable when this resolves. */
  async keep(parts: readonly Uint8Array[], codec: string): Promise<WrittenArtifact> {
    const { artifacts } = await this.parts();
    const reference = artifacts.refer(parts, codec);
    if (reference.size <= SMALL) return { reference, bytes: concat(parts, reference.size) };
    return { reference: await artifacts.put(parts, codec) };
  }

  private async value(reference: Reference): Promise<unknown> {
    const { serializer } = await this.parts();
    if (isFileCodec(reference.codec)) return new StoredFile();
    const [bytes] = await this.read(reference);
    return serializer.decode(reference.codec, bytes ?? new Uint8Array(0));
  }
}

/** Stands for a stored file where only its presence matters. */
class StoredFile {}
