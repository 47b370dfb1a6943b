import type { AmbientInputs } from '@varve/core/internal';
import type { NamedPath } from '../shared/named-path.ts';
import { seenBy } from './observer.ts';

/** Notes that a task uses the content of a file without calling `node:fs` for it, e.g. as a database. */
export function noteFileRead(inputs: AmbientInputs, path: string | URL | Buffer): void {
  const seen = seenBy(inputs);
  const place = seen?.place(path);
  if (place === undefined || seen === undefined) return;
  // The task may write to it as well: only a file of the project has to stay as it is.
  if (place.isTemporary) seen.content(place);
  else seen.open(place);
}

/**
 * Notes that a task starts a command which names these paths. Returns a function to call when the command has ended: what it
 * has changed by then counts as written by the task.
 */
export function noteCommand(
  inputs: AmbientInputs,
  paths: readonly NamedPath[],
  base: string,
): (() => void) | undefined {
  return seenBy(inputs)?.commands.start(paths, base);
}
