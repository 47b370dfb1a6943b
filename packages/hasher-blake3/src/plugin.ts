import { definePlugin, type Hasher, type HashStream, type Plugin } from '@varve/core/contract';
import type { IHasher } from 'hash-wasm';

/**
 * Creates the plugin: `hasher: blake3()` in `varve.config.ts`. Digests begin with `blake3:`. The hash is the one of the paper
 * by O'Connor, Aumasson, Neves and Wilcox-O'Hearn (2020), with 256 bits, computed by hash-wasm in WebAssembly: nothing is
 * compiled when it is installed.
 */
export function blake3(): Plugin<'hasher'> {
  return definePlugin({
    name: 'hasher-blake3',
    provides: {
      hasher: async () => {
        const { createBLAKE3 } = await import('hash-wasm');
        return new Blake3(await createBLAKE3());
      },
    },
  });
}

/** One machine for all hashes of a thread: making another is asynchronous. */
class Blake3 implements Hasher {
  readonly algorithm = 'blake3';
  readonly #machine: IHasher;

  constructor(machine: IHasher) {
    this.#machine = machine;
  }

  hash(parts: readonly Uint8Array[]): string {
    this.#machine.init();
    for (const part of parts) this.#machine.update(part);
    return this.#machine.digest('hex');
  }

  create(): HashStream {
    const machine = this.#machine;
    machine.init();
    let state = machine.save();
    return {
      update(chunk) {
        machine.load(state);
        machine.update(chunk);
        state = machine.save();
      },
      digest() {
        machine.load(state);
        return machine.digest('hex');
      },
    };
  }
}
