import type { Digest, Location, TaskSpec } from '../contract/index.ts';
import { mapTaskReferences, referencesOfTask, withLocation } from '../store/index.ts';
import { SMALL } from '../task/index.ts';

/** A task whose references all say where their bytes lie, so that another process finds them in the store. */
export async function locateReferences(
  spec: TaskSpec,
  locate: (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, Location>>,
): Promise<TaskSpec> {
  const unplaced = referencesOfTask(spec).filter(({ at, size }) => !at && size <= SMALL);
  if (unplaced.length === 0) return spec;
  const places = await locate([...new Set(unplaced.map(({ digest }) => digest))]);
  return mapTaskReferences(spec, (reference) => withLocation(reference, (digest) => places.get(digest)));
}
