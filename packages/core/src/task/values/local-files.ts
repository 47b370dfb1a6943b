import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { VarveError } from '../../contract/index.ts';

/** A file of a folder that is about to be stored. */
export interface FoundFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly executable: boolean;
}

/** A file by its path, links followed. Throws `VARVE_FILE_MISSING` or `VARVE_NOT_A_FILE`. */
export function findFile(path: string): Stats {
  const stats = look(path, 'artifact.file');
  if (stats.isFile()) return stats;
  throw new VarveError(
    'VARVE_NOT_A_FILE',
    `artifact.file('${path}') is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`,
    {
      hint: stats.isDirectory() ? 'Use artifact.dir() for a folder.' : 'Use artifact.stream() for pipes and devices.',
    },
  );
}

/** All regular files below a folder. Throws `VARVE_ARTIFACT_LINK` for a symbolic link and `VARVE_NOT_A_FILE` for devices. */
export function listFolder(folder: string): FoundFile[] {
  if (!look(folder, 'artifact.dir').isDirectory()) {
    throw new VarveError('VARVE_NOT_A_FOLDER', `artifact.dir('${folder}') is not a folder`, {
      hint: 'Use artifact.file() for a file.',
    });
  }
  const found: FoundFile[] = [];
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else found.push(regular(entry, path, join(folder, path)));
    }
  }
  return found;
}

function regular(entry: Dirent, path: string, file: string): FoundFile {
  if (entry.isFile()) return { path, file, executable: (statSync(file).mode & 0o100) !== 0 };
  if (entry.isSymbolicLink()) {
    throw new VarveError(
      'VARVE_ARTIFACT_LINK',
      `artifact.dir() found the symbolic link '${path}' (${file}), and a stored folder holds files only`,
      {
        hint: 'Copy what it leads to into the folder, or remove the link.',
      },
    );
  }
  throw new VarveError(
    'VARVE_NOT_A_FILE',
    `artifact.dir() found '${path}' (${file}), which is neither a file nor a folder`,
    {
      hint: 'Remove it: sockets, pipes and devices cannot be stored.',
    },
  );
}

function look(path: string, call: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) return stats;
  throw new VarveError('VARVE_FILE_MISSING', `${call}('${path}'): there is nothing at this path when the step ends`, {
    hint: 'Write it before the step ends, and keep it until then.',
  });
}
