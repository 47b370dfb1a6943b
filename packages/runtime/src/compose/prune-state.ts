import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a project's own folder that were, or would be, deleted. */
export interface PrunedState {
  readonly files: number;
  readonly bytes: number;
}

/** Younger files may be in use by a run in another store. Ms. */
const LEAST_AGE_MS = 86_400_000;

/** Deletes what is older of the files that a project can make again. `now` in ms since the Unix epoch. */
export async function pruneState(
  stateDir: string,
  options: { readonly olderMs: number; readonly now: number; readonly dryRun: boolean },
): Promise<PrunedState> {
  const before = options.now - Math.max(options.olderMs, LEAST_AGE_MS);
  let files = 0;
  let bytes = 0;
  for (const path of await candidates(stateDir)) {
    const stats = await lstat(path).catch(() => undefined);
    if (!stats || stats.mtimeMs >= before) continue;
    const size = await sizeOf(path);
    files += size.files;
    bytes += size.bytes;
    if (!options.dryRun) await remove(path);
  }
  return { files, bytes };
}

/** What is known of the modules that one flow loads; see `rememberFollowed`. */
const LOADED = /^loaded-.*\.json$/;

/**
 * Compiled flows, what is known of the modules they load, copies of stored files and folders by digest, and temporary files of
 * killed processes: all that is needed of them is made again.
 */
async function candidates(stateDir: string): Promise<string[]> {
  const folders = [join(stateDir, 'build'), join(stateDir, 'scratch')];
  for (const kind of ['file', 'dir']) {
    const shelf = join(stateDir, 'copies', kind);
    folders.push(...(await namesIn(shelf)).map((algorithm) => join(shelf, algorithm)));
  }
  const found = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => join(folder, name))),
  );
  const known = (await namesIn(join(stateDir, 'cache'))).filter((name) => LOADED.test(name));
  return [...found.flat(), ...known.map((name) => join(stateDir, 'cache', name))];
}

async function sizeOf(path: string): Promise<PrunedState> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) return { files: 1, bytes: stats.size };
  let files = 0;
  let bytes = 0;
  for (const name of await namesIn(path)) {
    const one = await sizeOf(join(path, name));
    files += one.files;
    bytes += one.bytes;
  }
  return { files, bytes };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** On Windows a file that may only be read cannot be deleted. */
async function remove(path: string): Promise<void> {
  await chmod(path, 0o755).catch(() => {});
  await rm(path, { recursive: true, force: true });
}
