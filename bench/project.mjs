import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('..', import.meta.url));

/**
 * Creates a project with varve linked into it. Each has a new folder: a store on ext4 is slow just after many files were
 * deleted.
 * @param {Record<string, string>} files
 * @param {string} [checkout] The checkout that varve is taken from; by default this one.
 */
export function freshProject(files, checkout = HERE) {
  const root = mkdtempSync(join(tmpdir(), 'varve-bench-'));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(checkout, 'packages/cli'), join(root, 'node_modules/varve'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}
