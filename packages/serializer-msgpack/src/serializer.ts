import { type Encoded, SerializeError, type Serializer } from '@varve/core/contract';
import { malformed, requireExact } from '@varve/core/serializer-kit';
import { Packr } from 'msgpackr';

const CODEC = 'msgpack/1';

/**
 * Encodes values as MessagePack, with the extensions of msgpackr for Map, Set, Date, typed arrays, big integers, errors and
 * objects in several places. What is written is read back at once and compared: what MessagePack would lose or change, such as
 * instances of classes, holes and functions, is a `SerializeError` that names the place.
 */
export class MsgpackSerializer implements Serializer {
  readonly id = CODEC;
  readonly deterministic = true;

  encode(value: unknown): Encoded {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(newPackr().pack(value));
    } catch (error) {
      // msgpackr names no path. Compared with itself, a function or a symbol is found with its own.
      requireExact(value, value, { by: 'MessagePack' });
      throw new SerializeError(`msgpackr cannot store the value: ${(error as Error).message}`, { cause: error });
    }
    requireExact(value, this.#unpack(bytes), { by: 'MessagePack' });
    return { codec: CODEC, parts: [bytes] };
  }

  decodes(codec: string): boolean {
    return codec === CODEC;
  }

  decode(codec: string, bytes: Uint8Array): unknown {
    if (codec !== CODEC) throw new SerializeError(`${this.id} does not know the codec ${JSON.stringify(codec)}`);
    return this.#unpack(bytes);
  }

  #unpack(bytes: Uint8Array): unknown {
    try {
      return newPackr().unpack(bytes);
    } catch (error) {
      throw malformed(CODEC, (error as Error).message, error);
    }
  }
}

/** A new one each time: it learns the shapes of objects, and equal values would not give equal bytes. */
function newPackr(): Packr {
  return new Packr({ structuredClone: true, moreTypes: true, useBigIntExtension: true, copyBuffers: true });
}
