import { crc32 } from 'node:zlib';

/**
 * JSON with a checksum before it, over the JSON and the place it belongs to: SQLite notices when its own structure is damaged,
 * but not when bytes of a value are.
 */
export function seal(value: unknown, place: string): string {
  const json = JSON.stringify(value);
  return `${sumOf(json, place)} ${json}`;
}

/** The value, or `undefined` when it is not what was sealed for this place. */
export function unseal(text: unknown, place: string): { readonly value: unknown } | undefined {
  if (typeof text !== 'string' || text[8] !== ' ') return undefined;
  const json = text.slice(9);
  return text.slice(0, 8) === sumOf(json, place) ? { value: JSON.parse(json) } : undefined;
}

function sumOf(json: string, place: string): string {
  return crc32(json, crc32(place)).toString(16).padStart(8, '0');
}
