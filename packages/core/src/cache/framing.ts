import { hash } from 'node:crypto';

/** Plain data that can be hashed. Fields of objects are sorted; those that are `undefined` are left out. */
export type Framed =
  | string
  | number
  | boolean
  | null
  | readonly Framed[]
  | { readonly [name: string]: Framed | undefined };

/**
 * The SHA-256, in hex, of data in an encoding that is unique for each value: every piece begins with its kind and length,
 * as in bencode, and the domain separates hashes of different meaning. Pinned by golden vectors: a change here needs a
 * new domain.
 */
export function framedDigest(domain: string, value: Framed): string {
  return hash('sha256', `varve ${domain}\n${frame(value)}`, 'hex');
}

/**
 *     s5:hello   text: bytes of UTF-8; u… for text that is no valid UTF-16, as JSON
 *     n2:42      number    b1 b0 boolean    z null
 *     a2:…       list      m1:… object: number of fields, then name and value in turn
 */
function frame(value: Framed): string {
  if (typeof value === 'string') return frameText(value);
  if (typeof value === 'number') return frameNumber(value);
  if (typeof value === 'boolean') return value ? 'b1' : 'b0';
  if (value === null) return 'z';
  if (Array.isArray(value)) return `a${value.length}:${(value as Framed[]).map(frame).join('')}`;
  const fields = Object.entries(value as Readonly<Record<string, Framed | undefined>>)
    .filter((entry): entry is [string, Framed] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `m${fields.length}:${fields.map(([name, one]) => frameText(name) + frame(one)).join('')}`;
}

/** Half of a surrogate pair, which UTF-8 cannot represent. */
const LONE_SURROGATE = /\p{Cs}/u;

function frameText(text: string): string {
  if (LONE_SURROGATE.test(text)) {
    const json = JSON.stringify(text);
    return `u${Buffer.byteLength(json)}:${json}`;
  }
  return `s${Buffer.byteLength(text)}:${text}`;
}

function frameNumber(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return `n${text.length}:${text}`;
}
