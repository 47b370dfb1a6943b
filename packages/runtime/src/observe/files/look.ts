import { type AmbientKind, parseRead } from '@varve/core/contract';
import type { ObserveOptions } from '../options.ts';
import { readlink, realpath, stat } from '../shared/originals.ts';
import { Digests } from './facts/digests.ts';
import { inParallel } from './facts/in-parallel.ts';
import { listLater } from './facts/listings.ts';
import { Places } from './facts/places.ts';
import { errorToken, statToken } from './facts/tokens.ts';
import { existsToken } from './seen-files.ts';
import { leftToken } from './written.ts';

/** Reads that are looked at side by side. */
const WIDTH = 32;

/** Kept for the process: a file that has not changed is hashed once. */
const digests = new Digests();

type Look = (path: string, places: Places) => string | Promise<string>;

const LOOKS: { readonly [kind in AmbientKind]?: Look } = {
  file: (path) => digests.later(path),
  dir: (path) => listLater('dir', path),
  kinds: (path) => listLater('kinds', path),
  tree: (path) => listLater('tree', path),
  stat: async (path) => statToken(await called(stat, path)),
  exists: existsToken,
  link: async (path, places) => places.linkToken(await called(readlink, path)),
  real: async (path, places) => places.nameOf(await called(realpath, path)),
  wrote: (path, places) => leftToken(path, places, digests),
};

/**
 * Today's tokens of reads of the file system, equal to those that were noted when nothing has changed since. Reads of other
 * kinds are left out. Never rejects: what cannot be read has a token, too.
 */
export async function lookFiles(
  reads: readonly string[],
  options: Pick<ObserveOptions, 'root'>,
): Promise<Map<string, string>> {
  const places = new Places({ root: options.root, own: [] }, []);
  const tokens = new Map<string, string>();
  await inParallel(reads, WIDTH, async (text) => {
    const read = parseRead(text);
    const look = read?.kind === 'ambient' ? LOOKS[read.what] : undefined;
    if (read?.kind !== 'ambient' || look === undefined) return;
    tokens.set(text, await tokenOf(look, places.pathOf(read.name), places));
  });
  return tokens;
}

async function tokenOf(look: Look, path: string, places: Places): Promise<string> {
  try {
    return await look(path, places);
  } catch (error) {
    return errorToken(error);
  }
}

function called<T>(
  call: (path: string, callback: (error: Error | null, result: T) => void) => void,
  path: string,
): Promise<T> {
  return new Promise((done, fail) => call(path, (error, result) => (error ? fail(error) : done(result))));
}
