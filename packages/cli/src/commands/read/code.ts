import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { VarveError } from '@varve/core/contract';
import type { CodeFile } from '@varve/core/internal';
import { type OpenHistory, readCode, withTexts } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { bytes } from '../../print/format.ts';
import { print, printBytes, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec } from '../targets.ts';
import { restoreSources } from './restore-sources.ts';

/** `varve code`: lists the local source files that a run executed, prints one, or writes all to a folder. */
export async function code(
  target: string,
  file: string | undefined,
  options: CommonOptions & { readonly output?: string },
): Promise<number> {
  return withHistory(
    options,
    async (opened) => {
      const { record } = await opened.history.listing(readPathspec(target));
      const { entry, files } = await readCode(opened.history, record);
      const sources = withTexts(opened.history, files);
      if (file !== undefined) await printBytes(sources.content(pick(files, file, target)));
      else if (options.output !== undefined) await restoreSources(sources, files, options.output);
      else if (options.json)
        printJson({
          entry,
          files: files.map(({ path, size, digest }) => ({ path, size, digest, now: now(opened, { path, digest }) })),
        });
      else print(listOf(opened, files));
      return EXIT.ok;
    },
    'long',
  );
}

function pick(files: readonly CodeFile[], path: string, target: string): CodeFile {
  const found = files.find((file) => file.path === path);
  if (found) return found;
  throw new VarveError('VARVE_NO_SUCH_FILE', `${target} has executed no file '${path}'`, {
    hint: `It has executed ${files.map((file) => plain(file.path)).join(', ')}.`,
  });
}

function listOf(opened: OpenHistory, files: readonly CodeFile[]): string {
  const rows = files.map((file) => [plain(file.path), bytes(file.size), now(opened, file), file.digest.slice(0, 19)]);
  return table(['FILE', 'SIZE', 'NOW', 'DIGEST'], rows);
}

/** Compares a file of the run with the project on disk. */
function now(
  { stateDir }: OpenHistory,
  { path, digest }: Pick<CodeFile, 'path' | 'digest'>,
): 'same' | 'changed' | 'gone' {
  const file = resolve(dirname(stateDir), path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return 'gone';
  const [algorithm = ''] = digest.split(':', 1);
  // A digest by another hasher cannot be compared here, so the file counts as changed.
  if (algorithm !== 'sha256') return 'changed';
  return digest === `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}` ? 'same' : 'changed';
}
