/**
 * The serializers of varve beside superjson itself and, where it can carry the value, JSON: time to encode, to decode, and
 * bytes. All of them take turns in one process; a ratio is that of one round.
 *
 *     node bench/serializers.mjs [rounds]      left out: 15
 *
 * What superjson changes silently is not said here: `packages/serializer-superjson` refuses it.
 */
import { createRequire } from 'node:module';
import { show, spread } from './measure.mjs';

const rounds = Number(process.argv[2] ?? 15);
const packages = new URL('../packages/', import.meta.url);

/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(new URL(`${name}/dist/index.js`, packages).href);
const { ExactSerializer } = await load('serializer-exact');
const { SuperjsonSerializer } = await load('serializer-superjson');
const { MsgpackSerializer } = await load('serializer-msgpack');
const superjson = createRequire(new URL('serializer-superjson/package.json', packages))('superjson').default;

/** @typedef {{ encode(value: unknown): unknown, decode(encoded: any): unknown, size(encoded: any): number }} Side */

/** @param {any} serializer @returns {Side} */
function ofVarve(serializer) {
  return {
    encode: (value) => {
      const { codec, parts } = serializer.encode(value);
      return { codec, bytes: Buffer.concat(parts) };
    },
    decode: ({ codec, bytes }) => serializer.decode(codec, bytes),
    size: ({ bytes }) => bytes.length,
  };
}

/** @type {Side} */
const PLAIN_SUPERJSON = {
  encode: (value) => Buffer.from(superjson.stringify(value)),
  decode: (bytes) => superjson.parse(bytes.toString()),
  size: (bytes) => bytes.length,
};
/** @type {Side} */
const JSON_ALONE = {
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(bytes.toString()),
  size: (bytes) => bytes.length,
};

/** @type {Record<string, Side>} */
const SIDES = {
  exact: ofVarve(new ExactSerializer()),
  superjson: ofVarve(new SuperjsonSerializer()),
  msgpack: ofVarve(new MsgpackSerializer()),
  'superjson alone': PLAIN_SUPERJSON,
  JSON: JSON_ALONE,
};

const times = 10_000;
/** @param {(i: number) => unknown} make */
const rows = (make) => Array.from({ length: times }, (_, i) => make(i));
/** @param {number} i */
const record = (i) => ({ id: i, name: `row ${i}`, score: i / 7, tags: ['a', `t${i % 9}`], ok: i % 2 === 0 });

/** @type {Record<string, { value: unknown, without?: readonly string[] }>} */
const CASES = {
  '10,000 plain records': { value: rows(record) },
  '10,000 records with a date': {
    value: rows((i) => ({ ...record(i), at: new Date(1.7e12 + i) })),
    without: ['JSON'],
  },
  'a Map of 10,000 records': {
    value: new Map(rows((i) => [`k${i}`, record(i)]).map((it) => /** @type {any} */ (it))),
    without: ['JSON'],
  },
  '8 MB of Float64Array in an object': {
    value: { data: Float64Array.from({ length: 1e6 }, (_, i) => i / 3), name: 'x' },
    without: ['JSON', 'superjson alone'],
  },
};

/** @param {() => unknown} act */
function timed(act) {
  const start = performance.now();
  const value = act();
  return { ms: performance.now() - start, value };
}

/** @param {Side} side @param {unknown} value */
function round(side, value) {
  const encoded = timed(() => side.encode(value));
  const decoded = timed(() => side.decode(encoded.value));
  return { encode: encoded.ms, decode: decoded.ms, bytes: side.size(encoded.value) };
}

for (const [name, { value, without = [] }] of Object.entries(CASES)) {
  const sides = Object.entries(SIDES).filter(([side]) => !without.includes(side));
  /** @type {Record<string, { encode: number, decode: number, bytes: number }[]>} */
  const seen = Object.fromEntries(sides.map(([side]) => [side, []]));
  for (let i = -3; i < rounds; i++)
    for (const [side, it] of sides) {
      const found = round(it, value);
      if (i >= 0) seen[side]?.push(found);
    }
  console.log(
    `\n${name}\n${''.padEnd(18)}${['encode ms', '/ exact', 'decode ms', '/ exact'].map((it) => it.padStart(20)).join('')}      MB`,
  );
  for (const [side, all] of Object.entries(seen)) {
    /** @param {'encode' | 'decode'} what */
    const columns = (what) => [
      show(spread(all.map((it) => it[what])), 1),
      show(spread(all.map((it, i) => it[what] / (seen.exact?.[i]?.[what] ?? Number.NaN))), 2),
    ];
    const text = [...columns('encode'), ...columns('decode')].map((it) => it.padStart(20)).join('');
    console.log(`${side.padEnd(18)}${text}${((all[0]?.bytes ?? 0) / 1e6).toFixed(2).padStart(8)}`);
  }
}
