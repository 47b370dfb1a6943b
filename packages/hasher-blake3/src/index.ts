/** Names bytes by their BLAKE3. */
export { blake3 } from './plugin.ts';
