import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { History } from '@varve/client';
import { type Reference, VarveError } from '@varve/core/contract';
import { DIR_CODEC, type DirEntry, FILE_CODEC } from '@varve/core/internal';
import { EXIT } from '../../exit-codes.ts';
import { bytes } from '../../print/format.ts';
import { print, printBytes, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';

/** True for artifacts stored with `artifact.file`, `artifact.dir` or `artifact.stream`. */
export function isStoredFile({ codec }: Reference): boolean {
  return codec === FILE_CODEC || codec === DIR_CODEC;
}

/** Writes a stored file or folder to `--output`; without it prints the file, or lists the files of the folder. */
export async function outputStoredFile(
  history: History,
  name: string,
  reference: Reference,
  options: { readonly output?: string; readonly json?: boolean },
): Promise<number> {
  const { output } = options;
  const files = reference.codec === DIR_CODEC ? await history.files(reference) : undefined;
  if (output !== undefined)
    await (files ? writeFolder(history, files, output) : writeFile(history, reference, output, false));
  else if (options.json)
    printJson({
      artifact: name,
      codec: reference.codec,
      digest: reference.digest,
      size: reference.size,
      ...(files && { files }),
    });
  else if (files) print(listOf(files));
  else if (process.stdout.isTTY) print(`a stored file, ${bytes(reference.size)}: write it with --output <file>`);
  else await printBytes(history.content(reference));
  return EXIT.ok;
}

function listOf(files: readonly DirEntry[]): string {
  const rows = files.map(({ path, size, executable }) => [plain(path), bytes(size), executable ? 'x' : '']);
  return rows.length === 0 ? 'an empty folder' : table(['FILE', 'SIZE', ''], rows);
}

/** Needs no check for paths that lead out of the folder: reading the manifest did it. Throws `VARVE_USAGE`. */
export async function writeFolder(
  history: Pick<History, 'content'>,
  files: readonly DirEntry[],
  folder: string,
): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new VarveError('VARVE_USAGE', `--output ${folder}: the folder is not empty`, {
      hint: 'Name a new folder, or empty this one.',
    });
  }
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const target = join(folder, ...file.path.split('/'));
    mkdirSync(dirname(target), { recursive: true });
    await writeFile(history, file, target, file.executable);
  }
}

/** Writes under a temporary name first: a damaged artifact or a full disk leaves no file that looks complete. */
async function writeFile(
  history: Pick<History, 'content'>,
  reference: Pick<Reference, 'digest' | 'size'>,
  target: string,
  executable: boolean,
): Promise<void> {
  const temp = `${target}.varve-${process.pid}`;
  try {
    const fd = openSync(temp, 'wx', executable ? 0o777 : 0o666);
    try {
      for await (const chunk of history.content(reference)) writeAll(fd, chunk);
    } finally {
      closeSync(fd);
    }
    renameSync(temp, target);
  } catch (error) {
    if (VarveError.is(error) || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new VarveError('VARVE_USAGE', `--output ${target}: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(temp, { force: true });
  }
}

function writeAll(fd: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.byteLength; ) at += writeSync(fd, chunk, at);
}
