import type { Reference, References, ViewSpec } from '../../contract/index.ts';

/**
 * The artifacts visible after a task, as a chain: those it wrote itself, and the scope it started from. A chain shares
 * everything that was not touched, so ten thousand elements cost ten thousand small objects.
 */
export interface ArtifactScope {
  readonly base?: ArtifactScope;
  readonly own: References;
  readonly deleted: readonly string[];
  /** Names on which the branches of a static join differ, and those branches. */
  readonly conflicts?: Readonly<Record<string, readonly string[]>>;
}

export type Conflicts = Readonly<Record<string, readonly string[]>>;

interface FlatScope {
  readonly references: References;
  readonly conflicts: Conflicts;
}

const flattened = new WeakMap<ArtifactScope, FlatScope>();

/** The scope after a task: its writes on top of the scope it started from. */
export function extendScope(
  base: ArtifactScope | undefined,
  own: References,
  deleted: readonly string[] = [],
): ArtifactScope {
  return base === undefined ? { own, deleted } : { base, own, deleted };
}

/** Every name with its reference. Cached by scope: all elements of a foreach start from the same object. */
export function flattenScope(scope: ArtifactScope): FlatScope {
  const known = flattened.get(scope);
  if (known) return known;
  const references: Record<string, Reference> = Object.create(null);
  const conflicts: Record<string, readonly string[]> = Object.create(null);
  for (const layer of layersOf(scope)) {
    for (const name of layer.deleted) {
      delete references[name];
      delete conflicts[name];
    }
    for (const [name, reference] of Object.entries(layer.own)) {
      references[name] = reference;
      delete conflicts[name];
    }
    for (const [name, branches] of Object.entries(layer.conflicts ?? {})) {
      delete references[name];
      conflicts[name] = branches;
    }
  }
  const flat = { references, conflicts };
  flattened.set(scope, flat);
  return flat;
}

/** Writes and deletions between `from` (exclusive) and `scope` (inclusive). */
export function changesSince(
  scope: ArtifactScope,
  from: ArtifactScope,
): { readonly own: References; readonly deleted: readonly string[] } {
  const own: Record<string, Reference> = Object.create(null);
  const deleted = new Set<string>();
  for (const layer of layersOf(scope, from)) {
    for (const name of [...layer.deleted, ...Object.keys(layer.conflicts ?? {})]) {
      delete own[name];
      deleted.add(name);
    }
    for (const [name, reference] of Object.entries(layer.own)) {
      own[name] = reference;
      deleted.delete(name);
    }
  }
  return { own, deleted: [...deleted] };
}

/** Layers above `stop`, oldest first. */
function layersOf(scope: ArtifactScope, stop?: ArtifactScope): ArtifactScope[] {
  const layers: ArtifactScope[] = [];
  for (let at: ArtifactScope | undefined = scope; at !== undefined && at !== stop; at = at.base) layers.push(at);
  return layers.reverse();
}

/** True when two references name the same value. */
export function sameValue(a: Reference, b: Reference): boolean {
  return a.digest === b.digest && a.codec === b.codec;
}

/** The scope after a static join: the artifacts on which the branches agree, and the conflicts. */
export function mergeScopes(
  branches: readonly { readonly step: string; readonly env: ArtifactScope }[],
): ArtifactScope {
  const only = branches[0];
  if (only && branches.length === 1) return only.env;
  const shared = commonBase(branches.map((b) => b.env));
  const before = shared ? flattenScope(shared).references : {};
  const flats = branches.map((b) => ({ step: b.step, ...flattenScope(b.env) }));
  const names = new Set(flats.flatMap((f) => [...Object.keys(f.references), ...Object.keys(f.conflicts)]));
  for (const name of Object.keys(before)) names.add(name);
  const own: Record<string, Reference> = Object.create(null);
  const conflicts: Record<string, readonly string[]> = Object.create(null);
  const deleted: string[] = [];
  for (const name of names) {
    const verdict = agree(name, flats, before[name]);
    if (verdict === 'conflict') conflicts[name] = branches.map((b) => b.step);
    else if (verdict === undefined) deleted.push(name);
    else if (!before[name] || !sameValue(before[name], verdict)) own[name] = verdict;
  }
  const merged = { own, deleted, ...(Object.keys(conflicts).length > 0 && { conflicts }) };
  return shared ? { base: shared, ...merged } : merged;
}

/** A branch that never had a name does not disagree with one that made it; one that deleted it does. */
function agree(
  name: string,
  flats: readonly (FlatScope & { readonly step: string })[],
  before: Reference | undefined,
): Reference | 'conflict' | undefined {
  if (flats.some((f) => f.conflicts[name])) return 'conflict';
  const values = flats.map((f) => f.references[name]);
  const present = values.filter((r) => r !== undefined);
  const first = present[0];
  if (first === undefined) return undefined;
  if (present.some((r) => !sameValue(r, first))) return 'conflict';
  return before !== undefined && present.length < values.length ? 'conflict' : first;
}

function commonBase(scopes: readonly ArtifactScope[]): ArtifactScope | undefined {
  const [first, ...others] = scopes.map((scope) => layersOf(scope).reverse());
  const sets = others.map((layers) => new Set(layers));
  return first?.find((layer) => sets.every((set) => set.has(layer)));
}

/** Names of the artifacts that a view of another task shows, in the order in which a step enumerates them. */
export function namesInView({ base, own, deleted }: ViewSpec): string[] {
  const names = [...Object.keys(base).filter((name) => !Object.hasOwn(own, name)), ...Object.keys(own)];
  return deleted ? names.filter((name) => !deleted.includes(name)) : names;
}

/** The artifact of this name in a view of another task; `undefined` when the view has none. */
export function referenceInView({ base, own, deleted }: ViewSpec, name: string): Reference | undefined {
  if (Object.hasOwn(own, name)) return own[name];
  return deleted?.includes(name) || !Object.hasOwn(base, name) ? undefined : base[name];
}
