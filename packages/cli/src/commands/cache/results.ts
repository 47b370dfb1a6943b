import { nameOfResult, type PageFault, type Result, sizeOfResult } from '@varve/client';
import { userName } from '@varve/runtime';
import { plain } from '../../print/text.ts';

/** Digits of a key to show: enough to name a result by. */
export const KEY_SHOWN = 12;

/** Warns on stderr about a page of results that was skipped. */
export function warnOfFault({ object, error }: PageFault): void {
  const what = error.code === 'VARVE_FORMAT_VERSION' ? 'another version of varve wrote it' : error.message;
  process.stderr.write(`! ${object} is left out: ${plain(what)}\n`);
}

/** Note to store with an invalidation: user and reason. */
export function invalidationNote(why: string) {
  return { by: userName(), why };
}

/** A result for `--json`. */
export function resultDocument(result: Result): object {
  const { key, stepKey, step, entry } = result;
  const { task, label, origin, at, ms, generation, withdrawn } = entry;
  return {
    ...{ name: nameOfResult(result), key, stepKey, step, task, label, origin },
    ...{ at: new Date(at).toISOString(), ms, size: sizeOfResult(result), generation },
    ...(withdrawn && { withdrawn }),
  };
}
