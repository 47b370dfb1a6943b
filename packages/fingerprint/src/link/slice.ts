import { Closure } from './closure.ts';
import { type EffectSearch, GLOBAL } from './effect-search.ts';
import type { Effects } from './effects.ts';
import type { FlowClass } from './flow-class.ts';
import type { LinkNode } from './node.ts';
import type { Program } from './program.ts';
import { resolveImport } from './resolve.ts';

/** The code that one step can reach. */
export interface Slice {
  readonly closure: Closure;
  /** In order: class headers, the step, what every step needs, effects in the order of evaluation. */
  readonly roots: readonly LinkNode[];
}

/** Makes the slices of the steps of one flow; what they share is found once. */
export class Slicer {
  readonly #headers: readonly LinkNode[];
  readonly #shared: readonly LinkNode[];
  readonly #search: EffectSearch;
  /** Position of each piece in the order in which files are evaluated. */
  readonly #order: ReadonlyMap<LinkNode, number>;

  constructor(
    program: Program,
    readonly flow: FlowClass,
    effects: Effects,
    pieces: readonly LinkNode[],
    includes: readonly LinkNode[],
  ) {
    const opaque = flow.opaqueAt ? flow.all(({ kind, remade }) => kind !== 'field' || remade) : [];
    this.#headers = flow.headers();
    this.#shared = [...opaque.map(({ node }) => node), ...bareImports(program), ...opaqueFiles(program), ...includes];
    this.#order = new Map(pieces.map((node, position) => [node, position]));
    this.#search = effects.search();
    const states = flow.links.map(({ node }) => effects.stateOf(node));
    this.#search.reach([...this.#headers, ...this.#shared], [GLOBAL, ...states]);
  }

  slice(step: string): Slice {
    const method = this.flow.lookup(step, false).filter(({ member }) => member.kind === 'method');
    if (method.length === 0) throw new Error(`no method ${step} in the class of the flow`);
    const own = method.flatMap(({ node, options }) => (options ? [node, options] : [node]));
    const fixed = [...this.#headers, ...own, ...this.#shared];
    const closure = new Closure();
    for (const root of fixed) closure.add(root);
    const effects = this.#effectsOf(own);
    for (const [effect, cause] of effects) closure.add(effect, cause ? closure.indexOf(cause) : -1);
    return { closure, roots: [...fixed, ...effects.map(([effect]) => effect)] };
  }

  /** Effects that change what is reached, in the order in which they run, each with the first thing it changes. */
  #effectsOf(own: readonly LinkNode[]): readonly (readonly [LinkNode, LinkNode | undefined])[] {
    const search = this.#search.copy();
    search.reach(own);
    const at = (node: LinkNode) => this.#order.get(node) ?? 0;
    return [...search.found].sort(([a], [b]) => at(a) - at(b));
  }
}

/** Packages imported for what they do are part of every step. */
function bareImports(program: Program): readonly LinkNode[] {
  return [...program.modules.values()].flatMap((module) =>
    (module.summary?.bare ?? [])
      .filter((from) => module.source.imports.some(({ specifier }) => specifier === from))
      .flatMap((from) => resolveImport(program, module, from, '*', 'import'))
      .map(({ node }) => node)
      .filter(({ kind }) => kind === 'package' || kind === 'builtin' || kind === 'missing'),
  );
}

/** A file that is not understood may do anything while it is loaded. */
function opaqueFiles(program: Program): readonly LinkNode[] {
  return [...program.modules.values()].flatMap((module) => (module.summary?.whole ? program.file(module) : []));
}
