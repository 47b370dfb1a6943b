/** BLAKE3 as the hasher of varve. */

export { blake3 } from './plugin.ts';
