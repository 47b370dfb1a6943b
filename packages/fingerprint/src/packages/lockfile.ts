import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The integrity of locked packages by name and version. */
export interface Lockfile {
  /** Folder of the lockfile. */
  readonly folder: string;
  integrityOf(name: string, version: string): string | undefined;
}

type Entries = ReadonlyMap<string, string>;
type ReadEntries = (text: string) => Entries;

const READERS: readonly (readonly [string, ReadEntries])[] = [
  ['pnpm-lock.yaml', readPnpm],
  ['package-lock.json', readNpm],
  ['npm-shrinkwrap.json', readNpm],
  ['yarn.lock', readYarn],
];

/** Finds the lockfile in the nearest folder upward that has one. */
export function findLockfile(from: string): Lockfile | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const [name, read] of READERS) {
      const text = textOf(join(folder, name));
      if (text === undefined) continue;
      const entries = safely(() => read(text));
      return { folder, integrityOf: (pkg, version) => entries.get(`${pkg}@${version}`) };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A lockfile that cannot be read has no entries: packages then count by their content. */
function safely(read: () => Entries): Entries {
  try {
    return read();
  } catch {
    return new Map();
  }
}

/** pnpm: `packages:` holds `name@version:` with `resolution: {integrity: …}` on the next line or below. */
function readPnpm(text: string): Entries {
  const entries = new Map<string, string>();
  let [section, current] = ['', ''];
  for (const line of text.split(/\r?\n/)) {
    const top = /^(\w+):/.exec(line);
    if (top) section = top[1] ?? '';
    if (section !== 'packages') continue;
    const key = /^ {2}'?\/?((?:@[^/@']+\/)?[^@'(/]+@[^'(:]+)[^:]*:\s*$/.exec(line);
    if (key) current = key[1] ?? '';
    else if (/^ {2}\S/.test(line)) current = '';
    const integrity = /integrity: ([^},\s]+)/.exec(line)?.[1];
    if (current !== '' && integrity) entries.set(current, integrity);
  }
  return entries;
}

interface NpmLock {
  readonly packages?: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string; readonly name?: string }>
  >;
}

function readNpm(text: string): Entries {
  const { packages = {} } = JSON.parse(text) as NpmLock;
  const entries = new Map<string, string>();
  for (const [path, { version, integrity, name }] of Object.entries(packages)) {
    const installedAs = path.split('node_modules/').at(-1);
    if (version && integrity) entries.set(`${name ?? installedAs}@${version}`, integrity);
  }
  return entries;
}

/** yarn 1 and later: blocks of `"name@range", …:` with `version` and `integrity` or `checksum`. */
function readYarn(text: string): Entries {
  const entries = new Map<string, string>();
  for (const block of text.split(/\r?\n\r?\n/)) {
    const name = /^"?((?:@[^/@"]+\/)?[^@"\s]+)@/m.exec(block)?.[1];
    const version = /^ {2}version:? "?([^"\s]+)/m.exec(block)?.[1];
    const integrity = /^ {2}(?:integrity|checksum):? "?([^"\s]+)/m.exec(block)?.[1];
    if (name && version && integrity) entries.set(`${name}@${version}`, integrity);
  }
  return entries;
}
