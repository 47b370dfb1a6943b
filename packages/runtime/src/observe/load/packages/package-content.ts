import { extname, join } from 'node:path';
import { portableName } from '../../shared/portable.ts';
import { digestOf } from '../../shared/tokens.ts';
import type { InstalledPackage } from './installed.ts';

type Identity = Pick<InstalledPackage, 'name' | 'version' | 'directory'>;

import { readdirSync } from '../../shared/originals.ts';
import type { ScannedFiles } from '../files/scanned-files.ts';

/** The files of a package, with their contents. */
export interface PackageContent {
  /** SHA-256 over its name, version and files, hex: the same wherever it is installed, by whatever tool. */
  readonly token: string;
  /** Last change of one of the files, ms since the Unix epoch. */
  readonly changedAt: number;
}

/** A file of a package: absolute path and SHA-256 of its bytes. */
export interface ContentFile {
  readonly path: string;
  readonly digest: string;
}

/** Files that Node can load. Declarations, maps and texts do nothing. */
const LOADABLE = new Set(['.js', '.mjs', '.cjs', '.json', '.node', '.wasm']);

/** Reads every file of a package that Node can load, whether it was or not. */
export async function readContent(files: ScannedFiles, one: Identity): Promise<PackageContent> {
  const found: ContentFile[] = [];
  let changedAt = 0;
  for (const path of loadableFiles(one.directory)) {
    const scanned = await files.scan(path);
    if (scanned === undefined) continue;
    found.push({ path, digest: scanned.digest });
    changedAt = Math.max(changedAt, scanned.changedAt);
  }
  return { token: contentToken(one, found), changedAt };
}

/** SHA-256 over a package's name and version and some of its files, hex. */
export function contentToken({ name, version, directory }: Identity, files: readonly ContentFile[]): string {
  const named = files.map(({ path, digest }) => [portableName(directory, path), digest] as const);
  const sorted = named.sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(JSON.stringify([name, version, sorted]));
}

/** Folders of other packages, and those whose name begins with a dot, are left out. */
function loadableFiles(folder: string): readonly string[] {
  const entries = entriesOf(folder);
  return entries.flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return loadableFiles(path);
    return LOADABLE.has(extname(entry.name)) ? [path] : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
