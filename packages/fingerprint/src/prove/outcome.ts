/** The reason why nothing is known of what code does. */
export interface Doubt {
  /** The node that holds the code. */
  readonly node: number;
  readonly line: number;
  readonly what: string;
}

/** What running a piece of code changes that outlives it. */
export class Outcome {
  /** Set if it may change anything. */
  doubt: Doubt | undefined;
  /** Nodes whose variable or own object it changes. */
  readonly writes = new Set<number>();
  /** Those of them of which it may change more than the content of a container: others notice that who only put something in. */
  readonly shapes = new Set<number>();
  /** It made functions that keep state from call to call. */
  keeps = false;
  /** Methods that it takes to be those of the source: see `methodKey`. */
  readonly relies = new Set<string>();
  /** Methods that it may replace. */
  readonly replaces = new Set<string>();

  include(other: Outcome): void {
    this.doubt ??= other.doubt;
    for (const node of other.writes) this.writes.add(node);
    for (const node of other.shapes) this.shapes.add(node);
    for (const key of other.relies) this.relies.add(key);
    for (const key of other.replaces) this.replaces.add(key);
    this.keeps ||= other.keeps;
  }

  get isPure(): boolean {
    return this.doubt === undefined && this.writes.size === 0;
  }
}

/** Key of a method of the object that a node holds; `*` for any method, and for any class. */
export function methodKey(node: number | '*', name: string | null): string {
  return `${node}:${name ?? '*'}`;
}
