import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Writes a module that makes a store inside a folder, and says where it is. The folder is the caller's to remove. */
export function writeScratchStore(folder: string): string {
  const file = join(folder, 'store.mjs');
  const plugin = JSON.stringify(import.meta.resolve('@varve/store-fs'));
  const root = JSON.stringify(join(folder, 'store'));
  writeFileSync(file, `import { fsStore } from ${plugin};\nexport default () => fsStore({ root: ${root} });\n`);
  return pathToFileURL(file).href;
}
