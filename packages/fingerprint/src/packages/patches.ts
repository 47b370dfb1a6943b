import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileDigests } from '../files/file-digests.ts';

const FOLDERS = ['patches', '.yarn/patches'];

/** Digests of the patch files made for a package, as patch-package, pnpm and yarn name them. */
export function patchesOf(folder: string, name: string, digests: FileDigests): readonly string[] {
  const forms = ['+', '__', '-'].map((mark) => name.replaceAll('/', mark));
  return FOLDERS.flatMap((each) => patchFiles(join(folder, each)))
    .filter((file) => forms.some((form) => isFor(file.split(/[\\/]/).at(-1) ?? '', form)))
    .flatMap((file) => digests.of(file) ?? []);
}

function isFor(file: string, form: string): boolean {
  return file.startsWith(form) && /^([+@.]|-npm-|$)/.test(file.slice(form.length));
}

function patchFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.patch'))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
