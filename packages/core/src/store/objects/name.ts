import { createHash } from 'node:crypto';
import { VarveError } from '../../contract/index.ts';

/** Longest encoded name that is kept whole, in bytes. */
const WHOLE_MAX = 100;
/** Of a longer name: this many encoded bytes, then `..`, then 32 hex digits of the sha256 of the whole encoding. */
const KEPT = 60;
/** Windows opens a device instead of a file when a name starts with one of these. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/**
 * A name from a user as one segment of a key: `[a-z0-9._-]+`, different for different names, never `.` or `..`.
 *
 * `a-z`, `0-9` and `-` stay, `A` becomes `_a`, and every other byte of the UTF-8 form becomes `.` and two hex digits:
 * `Penguins` is `_penguins`, `my flow` is `my.20flow`, `..` is `.2e.2e`, `naïve` is `na.c3.afve`. Names whose encoding
 * is longer than 100 bytes are cut and end in a hash, so they can be found but not decoded.
 *
 * Throws `VARVE_BAD_NAME` for an empty name and for one that is not well-formed Unicode.
 */
export function encodeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length === 0) throw badName(name, 'it is empty');
  if (bytes.toString('utf8') !== name) throw badName(name, 'it holds half of a surrogate pair');
  let encoded = '';
  for (const byte of bytes) encoded += encodeByte(byte);
  if (DEVICE.test(encoded)) encoded = `.${hexByte(encoded.charCodeAt(0))}${encoded.slice(1)}`;
  if (encoded.length <= WHOLE_MAX) return encoded;
  const hash = createHash('sha256').update(encoded).digest('hex');
  return `${encoded.slice(0, KEPT)}..${hash.slice(0, 32)}`;
}

/** The name behind a segment; `undefined` for one that was cut and for one that `encodeName` never wrote. */
export function decodeName(segment: string): string | undefined {
  const bytes: number[] = [];
  for (let i = 0; i < segment.length; i++) {
    const char = segment.charAt(i);
    if (/[a-z0-9-]/.test(char)) {
      bytes.push(char.charCodeAt(0));
    } else if (char === '_') {
      i++;
      bytes.push(segment.charAt(i).toUpperCase().charCodeAt(0));
    } else {
      bytes.push(Number.parseInt(segment.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  const name = Buffer.from(bytes).toString('utf8');
  return name !== '' && isWellFormed(name) && encodeName(name) === segment ? name : undefined;
}

function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (/[a-z0-9-]/.test(char)) return char;
  if (/[A-Z]/.test(char)) return `_${char.toLowerCase()}`;
  return `.${hexByte(byte)}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function isWellFormed(name: string): boolean {
  return Buffer.from(name, 'utf8').toString('utf8') === name;
}

function badName(name: string, why: string): VarveError {
  return new VarveError('VARVE_BAD_NAME', `${JSON.stringify(name)} cannot be a name: ${why}.`, {
    hint: 'Choose a name of at least one ordinary character.',
  });
}
