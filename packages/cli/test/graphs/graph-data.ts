/** A step of a graph as data. All steps have the same method: see `write-flow.ts`. */
export interface Node {
  readonly name: string;
  /** A string is one parent, an array a static join. */
  readonly after?: string | readonly string[];
  /** Name in `LISTS` to split over. */
  readonly foreach?: ListName;
  readonly join?: string;
  /** Name in `CONDITIONS` of its condition. */
  readonly when?: ConditionName;
}

export type Nodes = readonly Node[];

/** Lists of every flow. The elements are unordered, so that only their position can explain an order. */
export const LISTS = { none: [], one: ['z'], two: ['d', 'a'], three: ['c', 'a', 'b'] } as const;
export type ListName = keyof typeof LISTS;

/** Conditions by name: source and outcome; `even` depends on the element. */
export const CONDITIONS = {
  yes: { written: "'yes'", holds: true },
  no: { written: "'no'", holds: false },
  big: { written: "{ kind: 'big' }", holds: true },
  small: { written: "{ kind: ['small', 'tiny'] }", holds: false },
  three: { written: '{ count: 3 }', holds: true },
  huge: { written: '{ huge: 5n }', holds: true },
  nothing: { written: '{ nothing: null }', holds: true },
  off: { written: '{ yes: false }', holds: false },
  even: { written: "'even'", holds: undefined },
} as const;
export type ConditionName = keyof typeof CONDITIONS;

/** The foreach steps around each step, outermost first; a foreach step is inside its own. */
export function scopesOf(nodes: Nodes): Map<string, readonly string[]> {
  const scopes = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const around = scopes.get(parentsOf(node)[0] ?? '') ?? [];
    if (node.join !== undefined) scopes.set(node.name, around.slice(0, -1));
    else scopes.set(node.name, node.foreach === undefined ? around : [...around, node.name]);
  }
  return scopes;
}

export function parentsOf({ after, join }: Node): readonly string[] {
  if (join !== undefined) return [join];
  if (after === undefined) return [];
  return typeof after === 'string' ? [after] : after;
}

/** Copies a graph with a prefix to all names, so that many graphs fit in one flow. */
export function prefixed(nodes: Nodes, prefix: string): Nodes {
  const rename = (name: string) => `${prefix}_${name}`;
  return nodes.map((node) => ({
    ...node,
    name: rename(node.name),
    ...(node.after !== undefined && {
      after: typeof node.after === 'string' ? rename(node.after) : node.after.map(rename),
    }),
    ...(node.join !== undefined && { join: rename(node.join) }),
  }));
}
