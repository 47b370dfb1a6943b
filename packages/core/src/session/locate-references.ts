import type { Digest, Location, Reference, References, TaskSpec, ViewSpec } from '../contract/index.ts';
import { SMALL } from '../task/index.ts';

/** A task whose references all say where their bytes lie, so that another process finds them in the store. */
export async function locateReferences(
  spec: TaskSpec,
  locate: (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, Location>>,
): Promise<TaskSpec> {
  const open = new Set<Digest>();
  eachReference(spec, (reference) => {
    if (!reference.at && reference.size <= SMALL) open.add(reference.digest);
    return reference;
  });
  if (open.size === 0) return spec;
  const places = await locate([...open]);
  return eachReference(spec, (reference) => {
    const at = reference.at ?? places.get(reference.digest);
    return at ? { ...reference, at } : reference;
  });
}

/** The spec with each reference replaced. */
function eachReference(spec: TaskSpec, change: (reference: Reference) => Reference): TaskSpec {
  const bases = new Map<References, References>();
  const all = (references: References): References => {
    const known = bases.get(references);
    if (known) return known;
    const changed: Record<string, Reference> = Object.create(null);
    for (const [name, reference] of Object.entries(references)) changed[name] = change(reference);
    bases.set(references, changed);
    return changed;
  };
  const view = (one: ViewSpec): ViewSpec => ({ ...one, base: all(one.base), own: all(one.own) });
  return {
    ...spec,
    inputs: all(spec.inputs),
    elements: spec.elements.map((element) => ({ ...element, list: change(element.list) })),
    ...(spec.tasks && { tasks: spec.tasks.map(view) }),
    ...(spec.branches && {
      branches: Object.fromEntries(Object.entries(spec.branches).map(([step, one]) => [step, one && view(one)])),
    }),
  };
}
