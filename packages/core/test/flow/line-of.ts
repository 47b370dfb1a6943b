import { readFileSync } from 'node:fs';

/** The first line, from 1, of a test file that contains a text. */
export function lineOf(file: string, text: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}
