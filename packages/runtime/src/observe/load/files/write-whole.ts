import { dirname } from 'node:path';
import { mkdirSync, renameSync, writeFileSync } from '../../shared/originals.ts';

/** Writes a whole file or none. One that cannot be written is only missed: it saves time and nothing else. */
export function writeWhole(path: string, text: string): void {
  const part = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, text);
    renameSync(part, path);
  } catch {}
}
