import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOf } from '../format.ts';

/** The text of a file that `writeChecked` wrote; nothing if there is none, or it is not what was written. */
export function readChecked(path: string): string | undefined {
  try {
    const content = readFileSync(path, 'utf8');
    const end = content.indexOf('\n');
    const text = content.slice(end + 1);
    return content.slice(0, end) === digestOf(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

let serial = 0;

/** Replaces a file at once. Never throws: what is kept here only saves time. */
export function writeChecked(path: string, text: string): void {
  const draft = `${path}.${process.pid}-${serial++}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${digestOf(text)}\n${text}`);
    renameSync(draft, path);
  } catch {
    discard(draft);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then there is nothing to take away.
  }
}
