import { readFileSync } from 'node:fs';

/** The line, from 1, on which a test file first says something. */
export function lineOf(file: string, text: string): number {
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}
