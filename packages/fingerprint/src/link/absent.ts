/** In the place of a name: all that a file exports was asked for. */
export const EVERY_NAME = '*';

/** What stands for a name that was looked for among the exports of a file, and is none of them. */
export function absentName(path: string, name: string): string {
  return `${path}#${name}`;
}
