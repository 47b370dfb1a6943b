import type { ValueReader } from '../client/runs/value-reader.ts';
import type { Reference, WrittenArtifact } from '../contract/index.ts';
import type { Elements, ValuePort } from '../run/plan/ports.ts';
import { elementsOf } from '../session/list-labels.ts';
import type { Values } from '../task/values/values.ts';

import type { MemoryBlobs } from './memory-blobs.ts';

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
