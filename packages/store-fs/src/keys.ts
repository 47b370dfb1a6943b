/** Longest key, in bytes. Keys are ASCII, so bytes are characters. */
const MAX_KEY = 512;
/** Longest name that most file systems take, in bytes. */
const MAX_SEGMENT = 255;
const SEGMENT = /^[a-z0-9._-]+$/;
const PARTIAL_SEGMENT = /^[a-z0-9._-]*$/;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/;

/** A file of the store itself, in the root: keeps artifacts out of the user's git. */
export const GITIGNORE = '.gitignore';

/** True when a name can be a segment of a key. */
export function isSegment(name: string): boolean {
  return SEGMENT.test(name) && name !== '.' && name !== '..';
}

/** Explains why this store cannot keep a key, as the end of a sentence; `undefined` when it can. */
export function refuseKey(key: string, platform: NodeJS.Platform): string | undefined {
  if (key.length === 0 || key.length > MAX_KEY) return `a key has 1 to ${MAX_KEY} bytes, this one ${key.length}`;
  if (key === GITIGNORE || key.startsWith(`${GITIGNORE}/`)) return 'the store keeps a file of its own under that name';
  for (const segment of key.split('/')) {
    if (!isSegment(segment)) return `its part ${JSON.stringify(segment)} is not a name of [a-z0-9._-]`;
    if (segment.length > MAX_SEGMENT)
      return `its longest part has ${segment.length} bytes, file names have ${MAX_SEGMENT}`;
    if (platform === 'win32' && (segment.endsWith('.') || WINDOWS_DEVICE.test(segment))) {
      return `Windows has no file named ${JSON.stringify(segment)}`;
    }
  }
  return undefined;
}

/** A prefix, split into the folder that holds all its keys and the start of their next segment. */
export interface PrefixSplit {
  /** Without a slash at the end; empty for the root. */
  readonly folder: string;
  readonly start: string;
}

/** `undefined` when no key can start with `prefix`. */
export function splitPrefix(prefix: string): PrefixSplit | undefined {
  const slash = prefix.lastIndexOf('/');
  const start = prefix.slice(slash + 1);
  if (!PARTIAL_SEGMENT.test(start)) return undefined;
  if (slash === -1) return { folder: '', start };
  const folder = prefix.slice(0, slash);
  return folder.split('/').every(isSegment) ? { folder, start } : undefined;
}

/** True when the entry at `key` of the root can be an object or hold some. */
export function isListed(key: string): boolean {
  return key.length <= MAX_KEY && key !== GITIGNORE && isSegment(key.slice(key.lastIndexOf('/') + 1));
}
