function circular(): unknown {
  const parent: object = { name: 'parent' };
  return Object.assign(parent, { self: parent, children: [{ parent }, { parent }] });
}

function shared(): unknown {
  const [date, bytes, list] = [new Date(5), new Uint8Array([1]), [1, 2]];
  return { a: date, b: date, c: [bytes, bytes], d: new Map<unknown, unknown>([[list, list]]), e: list };
}

function selfContained(): unknown {
  const map = new Map<unknown, unknown>();
  const set = new Set<unknown>();
  map.set('map', map).set(map, set).set('last', 1);
  set.add(set).add(map).add('last');
  return [map, set];
}

function failure(): unknown {
  const error = new RangeError('outer', {
    cause: Object.assign(new TypeError('inner'), { code: 'E_INNER', at: new Date(0) }),
  });
  error.name = 'Renamed';
  return error;
}

function selfCaused(): unknown {
  const error = new Error('loop');
  error.cause = { again: error };
  return error;
}

function sparse(): unknown {
  const holes: unknown[] = Object.assign(new Array(9), { 0: 1, 2: undefined, 4: -0 });
  const huge: unknown[] = [];
  huge[4_294_967_294] = 'last';
  return [holes, huge, new Array(3)];
}

const own = (text: string): unknown => JSON.parse(text) as unknown;
const memory = Uint8Array.from({ length: 64 }, (_, i) => i * 3).buffer;

/** Values that are stored exactly, with the codec of each. */
export const VALUES: readonly (readonly [name: string, value: unknown, codec: string])[] = [
  ['null', null, 'json/1'],
  ['a string', 'häß → 🦊 "quoted"\n\u0000', 'json/1'],
  ['lone surrogates', ['\ud83e', '\udd8a\ud83e', { '\ud800': 1 }], 'json/1'],
  ['numbers', [0, 1.5, -1, 5e-324, Number.MAX_VALUE, 1e21, Number.MAX_SAFE_INTEGER, 0.1 + 0.2], 'json/1'],
  ['records', { rows: [{ id: 1, ok: true, none: null, tags: ['a', 'b'] }], '': {}, 2: 'two', 1: 'one' }, 'json/1'],
  [
    'keys that name prototypes',
    own('{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}},"prototype":1}'),
    'json/1',
  ],
  ['an empty object', {}, 'json/1'],
  ['an empty array', [], 'json/1'],
  ['a long array', Array.from({ length: 500 }, (_, i) => i / 3), 'json/1'],
  ['a toJSON that is data', { toJSON: 'no function' }, 'json/1'],
  ['frozen data', Object.freeze({ rows: Object.freeze([1, 2]) }), 'json/1'],
  ['undefined', undefined, 'tree/1'],
  ['undefined beside absence', [{ a: undefined }, {}], 'tree/1'],
  ['odd numbers', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0], 'tree/1'],
  ['bigints', [0n, -1n, 2n ** 200n, -(16n ** 5n)], 'tree/1'],
  ['dates', [new Date(0), new Date(-1), new Date(8.64e15), new Date(Number.NaN)], 'tree/1'],
  ['regular expressions', [/a\/b/giu, /(?:)/, Object.assign(/x/y, { lastIndex: 3 })], 'tree/1'],
  ['a URL', new URL('https://user:pw@example.org:81/a%20b?q=ü#h'), 'tree/1'],
  [
    'maps',
    new Map<unknown, unknown>([
      ['a', 1],
      [Number.NaN, 2],
      ['NaN', 3],
      [{ k: 1 }, new Map([[1n, '1']])],
      [undefined, null],
    ]),
    'tree/1',
  ],
  ['sets', new Set<unknown>([1, '1', 1n, undefined, new Set(), new Date(1)]), 'tree/1'],
  ['holes', sparse(), 'tree/1'],
  ['a long array with holes', Object.assign(new Array(200), { 3: 'x', 150: undefined }), 'tree/1'],
  [
    'objects without a prototype',
    Object.assign(Object.create(null) as object, { a: 1, constructor: Object.create(null) as object }),
    'tree/1',
  ],
  ['keys that look like markers', [{ $: ['Date', 0] }, { $: 1, a: new Date(2) }, { a: { $: ['ref', 0] } }], 'tree/1'],
  [
    'a prototype key beside a marker',
    [own('{"a":1,"__proto__":{"b":2}}'), Object.assign(own('{"__proto__":[1]}') as object, { d: 1n })],
    'tree/1',
  ],
  ['shared references', shared(), 'tree/1'],
  ['circular references', circular(), 'tree/1'],
  ['a Map and a Set within themselves', selfContained(), 'tree/1'],
  [
    'errors of every class',
    [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((It) => new It(It.name)),
    'tree/1',
  ],
  ['an error with a cause and own fields', failure(), 'tree/1'],
  ['an error that causes itself', selfCaused(), 'tree/1'],
  ['an AggregateError', new AggregateError([new Error('a'), 'b'], 'both'), 'tree/1'],
  [
    'an error without message or stack',
    (() => {
      const e = new Error();
      Reflect.deleteProperty(e, 'stack');
      return e;
    })(),
    'tree/1',
  ],
  [
    'binary leaves',
    {
      a: new Float64Array([1, -0, Number.NaN]),
      b: [Buffer.from('abc'), new Uint8Array()],
      c: new DataView(memory, 3, 5),
      d: memory.slice(1, 4),
    },
    'tree/1',
  ],
  ['Buffer', Buffer.from('bytes'), 'raw/1;buffer'],
  ['ArrayBuffer', memory.slice(0, 9), 'raw/1;arraybuffer'],
  ['DataView', new DataView(memory, 1, 7), 'raw/1;dataview'],
  ['Int8Array', new Int8Array([-1, 2]), 'raw/1;i8'],
  ['Uint8Array', new Uint8Array(memory, 5, 3), 'raw/1;u8'],
  ['an empty Uint8Array', new Uint8Array(), 'raw/1;u8'],
  ['Uint8ClampedArray', new Uint8ClampedArray([255]), 'raw/1;u8c'],
  ['Int16Array', new Int16Array(memory, 2, 3), 'raw/1;i16'],
  ['Uint16Array', new Uint16Array([65535]), 'raw/1;u16'],
  ['Int32Array', new Int32Array([-5]), 'raw/1;i32'],
  ['Uint32Array', new Uint32Array([5]), 'raw/1;u32'],
  ['Float32Array', new Float32Array([1.5, -0]), 'raw/1;f32'],
  ['Float64Array', new Float64Array(memory, 8, 2), 'raw/1;f64'],
  ['BigInt64Array', new BigInt64Array([-1n]), 'raw/1;i64'],
  ['BigUint64Array', new BigUint64Array([2n ** 64n - 1n]), 'raw/1;u64'],
];
