import { deserialize, serialize } from 'node:v8';
import { SerializeError, type Serializer } from '@varve/core/contract';
import { encodeText, parseText, strictJson } from '../reference/strict-json.ts';

export interface BrokenSerializer {
  readonly mistake: string;
  readonly failing: readonly string[];
  readonly serializer: Serializer;
}

/** A naive serializer: JSON, and bytes as they are. */
const plainJson: Serializer = {
  ...strictJson,
  encode: (value) =>
    value instanceof Uint8Array ? strictJson.encode(value) : encodeText(JSON.stringify(value) ?? 'null'),
};

function broken(mistake: string, failing: readonly string[], override: Partial<Serializer>): BrokenSerializer {
  return { mistake, failing, serializer: { ...strictJson, ...override } };
}

function sortFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortFields);
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, inner]) => [name, sortFields(inner)]),
  );
}

/** Sets names one by one, as a hand-written decoder does. */
function assignFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const made: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) made[name] = assignFields(inner);
  return made;
}

const decoded = new Map<string, unknown>();
let encodings = 0;

/** Every known mistake of serializers. */
export const brokenSerializers: readonly BrokenSerializer[] = [
  broken('sorts fields', ['keeps plain JSON data, with the order of its fields'], {
    encode: (value) => strictJson.encode(value instanceof Uint8Array ? value : sortFields(value)),
  }),
  broken('writes the whole buffer behind a view', ['keeps bytes, and only those of a view'], {
    encode: (value) =>
      value instanceof Uint8Array ? { codec: 'raw/1', parts: [value.subarray(0, 999_999)] } : strictJson.encode(value),
  }),
  {
    mistake: 'is JSON.stringify',
    failing: [
      'keeps every other value exactly, or refuses it with a SerializeError',
      'gives different values different bytes, or refuses them',
      'refuses functions and symbols, and names the path to them',
      'refuses what it cannot see into, rather than keep it empty',
      'keeps or refuses values nested deeper than the stack',
    ],
    serializer: plainJson,
  },
  {
    mistake: 'is the structured clone of Node',
    failing: [
      'refuses functions and symbols, and names the path to them',
      'refuses bytes that no encode could have written with a SerializeError',
    ],
    serializer: {
      id: 'v8/1',
      deterministic: true,
      encode: (value) => ({ codec: 'v8/1', parts: [serialize(value)] }),
      decodes: (codec) => codec === 'v8/1',
      decode: (_, bytes) => deserialize(bytes),
    },
  },
  broken('has a codec with a space', ['has an id and codecs of one line'], {
    encode: (value) => ({ ...strictJson.encode(value), codec: 'json 1' }),
    decodes: (codec) => codec === 'json 1',
    decode: (_, bytes) => parseText(bytes),
  }),
  broken('does not know its own codec for bytes', ['decodes every codec it writes, and says so'], {
    decodes: (codec) => codec === 'json/1',
  }),
  broken('looks codecs up in an object', ['refuses a codec it does not know with a SerializeError'], {
    decodes: (codec) => codec in { 'json/1': true, 'raw/1': true },
  }),
  broken('decodes any codec as JSON', ['refuses a codec it does not know with a SerializeError'], {
    decode: (codec, bytes) => (codec === 'raw/1' ? new Uint8Array(bytes) : parseText(bytes)),
  }),
  broken(
    'takes what it cannot read for nothing',
    ['refuses bytes that no encode could have written with a SerializeError'],
    {
      decode(codec, bytes) {
        try {
          return strictJson.decode(codec, bytes);
        } catch (error) {
          if (codec === 'json/1') return undefined;
          throw error;
        }
      },
    },
  ),
  broken('sets stored names one by one', ['lets no stored name reach a prototype'], {
    decode: (codec, bytes) =>
      codec === 'json/1' ? assignFields(parseLoosely(bytes)) : strictJson.decode(codec, bytes),
  }),
  broken('remembers what it decoded', ['decodes each time to a value of its own'], {
    decode(codec, bytes) {
      const key = `${codec} ${Buffer.from(bytes).toString('latin1')}`;
      if (!decoded.has(key)) decoded.set(key, strictJson.decode(codec, bytes));
      return decoded.get(key);
    },
  }),
  broken('marks what it has seen', ['leaves the value it encodes as it was, also when it is frozen'], {
    encode(value) {
      const encoded = strictJson.encode(value);
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) Reflect.set(value, '$seen', 1);
      return encoded;
    },
  }),
  broken(
    'writes when it was written',
    ['gives equal values built alike equal bytes', 'gives what it decoded the same bytes again'],
    {
      encode(value) {
        encodings += 1;
        const { codec, parts } = strictJson.encode(value);
        return codec === 'json/1'
          ? { codec, parts: [new Uint8Array(encodings % 7).fill(0x20), ...parts] }
          : { codec, parts };
      },
    },
  ),
];

function parseLoosely(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SerializeError('not JSON', { cause });
  }
}
