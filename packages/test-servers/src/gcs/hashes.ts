import { createHash } from 'node:crypto';

/** Reflected Castagnoli polynomial. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC32C as the service writes it: four bytes, big-endian, in base64. */
export function crc32c(bytes: Uint8Array): string {
  let value = -1;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  const result = Buffer.alloc(4);
  result.writeUInt32BE(~value >>> 0);
  return result.toString('base64');
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}
