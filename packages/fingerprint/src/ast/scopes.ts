import type { Node } from './node.ts';

/** A name that code can refer to. */
export interface Binding {
  readonly name: string;
  /** Declared at the top of the file, or imported. */
  readonly top: boolean;
  /** Its name can be seen from outside, as in a namespace or an enum. */
  readonly shown: boolean;
}

/** Names by the block they are declared in. */
export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(
    readonly kind: 'program' | 'function' | 'body' | 'block' | 'namespace' | 'enum',
    readonly parent?: Scope,
  ) {}

  declare(name: string): void {
    if (this.#names.has(name)) return;
    const shown = this.kind === 'namespace' || this.kind === 'enum';
    this.#names.set(name, { name, top: this.kind === 'program', shown });
  }

  /** `var` belongs to the body of the function around it, where a parameter of that name is the same variable. */
  declareVar(name: string): void {
    if (this.kind === 'block' || this.kind === 'enum') return this.parent?.declareVar(name);
    const parameters = this.kind === 'body' ? this.parent : undefined;
    if (!parameters?.has(name)) this.declare(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.parent?.find(name);
  }
}

/** The scope that each node opens. */
export type Scopes = ReadonlyMap<Node, Scope>;
