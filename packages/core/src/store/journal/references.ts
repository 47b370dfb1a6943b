import type { Digest, Location, Reference, References, RunEvent, TaskSpec, ViewSpec } from '../../contract/index.ts';

type Change = (reference: Reference) => Reference;

/** The same names, each with its reference changed. */
export function mapReferences(references: References, change: Change): References {
  const changed: Record<string, Reference> = Object.create(null);
  for (const [name, reference] of Object.entries(references)) changed[name] = change(reference);
  return changed;
}

/** The event with every reference changed: those of artifacts, logs and components of step keys. */
export function mapEventReferences(event: RunEvent, change: Change): RunEvent {
  if (event.type === 'run-keyed') {
    const steps = Object.entries(event.steps).map(
      ([name, step]) => [name, { ...step, components: change(step.components) }] as const,
    );
    return { ...event, steps: Object.fromEntries(steps) };
  }
  if (event.type === 'task-failed') return event.log ? { ...event, log: change(event.log) } : event;
  if (event.type !== 'task-succeeded') return event;
  return { ...event, writes: mapReferences(event.writes, change), ...(event.log && { log: change(event.log) }) };
}

/** The task with every reference changed. Sets of artifacts that tasks share are changed once and stay shared. */
export function mapTaskReferences(spec: TaskSpec, change: Change): TaskSpec {
  const sets = new Map<References, References>();
  const mapSet = (references: References): References => {
    const known = sets.get(references);
    if (known) return known;
    const changed = mapReferences(references, change);
    sets.set(references, changed);
    return changed;
  };
  const mapView = (view: ViewSpec): ViewSpec => ({ ...view, base: mapSet(view.base), own: mapSet(view.own) });
  return {
    ...spec,
    inputs: mapSet(spec.inputs),
    elements: spec.elements.map((element) => ({ ...element, list: change(element.list) })),
    ...(spec.tasks && { tasks: spec.tasks.map(mapView) }),
    ...(spec.branches && {
      branches: Object.fromEntries(Object.entries(spec.branches).map(([name, view]) => [name, view && mapView(view)])),
    }),
  };
}

/** Every reference of a task. Sets of artifacts that its views share count once. */
export function referencesOfTask({ inputs, elements, tasks = [], branches = {} }: TaskSpec): Reference[] {
  const views = [...tasks, ...Object.values(branches)].filter((view) => view !== null);
  const sets = new Set([inputs, ...views.flatMap(({ base, own }) => [base, own])]);
  return [...elements.map(({ list }) => list), ...[...sets].flatMap((set) => Object.values(set))];
}

/** The reference with the place of its bytes, where `locate` knows it. */
export function withLocation(reference: Reference, locate: (digest: Digest) => Location | undefined): Reference {
  if (reference.at) return reference;
  const at = locate(reference.digest);
  return at ? { ...reference, at } : reference;
}
