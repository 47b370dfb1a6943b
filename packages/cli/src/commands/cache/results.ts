import { nameOfResult, type PageFault, type Result, sizeOfResult } from '@varve/client';
import { userName } from '@varve/runtime';
import { plain } from '../../print/text.ts';

/** Digits of a key that are shown: enough to name a result by. */
export const KEY_SHOWN = 12;

/** A page that is passed over is told of, never hidden. */
export function onFault({ object, error }: PageFault): void {
  const what = error.code === 'VARVE_FORMAT_VERSION' ? 'another version of varve wrote it' : error.message;
  process.stderr.write(`! ${object} is left out: ${plain(what)}\n`);
}

/** Who withdraws results here, and why. */
export function noteOf(why: string) {
  return { by: userName(), why };
}

/** A result as `--json` shows it. */
export function resultDocument(result: Result): object {
  const { key, stepKey, step, entry } = result;
  const { task, label, origin, at, ms, generation, withdrawn } = entry;
  return {
    ...{ name: nameOfResult(result), key, stepKey, step, task, label, origin },
    ...{ at: new Date(at).toISOString(), ms, size: sizeOfResult(result), generation },
    ...(withdrawn && { withdrawn }),
  };
}
