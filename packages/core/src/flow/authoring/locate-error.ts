import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../../contract/index.ts';
import { locateFrame } from './call-site.ts';

/** Where varve's own code lies, which is never at fault for a step's error. */
const ENGINE = dirname(fileURLToPath(import.meta.url));

/** The innermost frame of a stack that lies in the user's own files; `undefined` when none does. */
export function locateStack(stack: string | undefined): SourceLocation | undefined {
  for (const line of stack?.split('\n') ?? []) {
    if (!/^\s*at /.test(line)) continue;
    const location = locateFrame(line.replace(/^(\s*at )async /, '$1'));
    if (location && isUsers(location.file)) return location;
  }
  return undefined;
}

/** Compiled files stand in stacks when a frame has no place in the source; they mean nothing to people. */
function isUsers(file: string): boolean {
  return !file.includes(`${sep}node_modules${sep}`) && !file.includes(`${sep}.varve${sep}`) && !file.startsWith(ENGINE);
}
