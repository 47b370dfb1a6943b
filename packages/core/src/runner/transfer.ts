import type { TaskOutcome, WrittenArtifact } from '../contract/index.ts';

/** Buffers below this are cheaper to copy than to hand over. Bytes. */
const WORTH_TRANSFER = 4096;

/** The buffers of small artifacts that can change hands instead of being copied. */
export function transferOf(outcomes: readonly { readonly outcome: TaskOutcome }[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { outcome } of outcomes) {
    const artifacts: (WrittenArtifact | undefined)[] = outcome.ok
      ? [...Object.values(outcome.writes), outcome.log]
      : [outcome.log];
    for (const artifact of artifacts) {
      const bytes = artifact?.bytes;
      if (bytes && bytes.byteLength >= WORTH_TRANSFER && ownsBuffer(bytes)) buffers.add(bytes.buffer as ArrayBuffer);
    }
  }
  return [...buffers];
}

function ownsBuffer(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
}
