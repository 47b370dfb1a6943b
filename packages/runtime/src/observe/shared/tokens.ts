import { hash } from 'node:crypto';

/** The token of something that is not there. */
export const ABSENT = '-';

/** SHA-256 in hex; of a text, that of its UTF-8. */
export function digestOf(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** The token of a value that may be missing. */
export function tokenOf(text: string | undefined): string {
  return text === undefined ? ABSENT : digestOf(text);
}
