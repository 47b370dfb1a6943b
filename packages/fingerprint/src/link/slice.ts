import { Closure } from './closure.ts';
import { type Effects, FILLED, GLOBAL } from './effects.ts';
import type { FlowClass } from './flow-class.ts';
import type { LinkNode } from './node.ts';
import type { Program } from './program.ts';
import { resolveImport } from './resolve.ts';

/** The code that one step can reach. */
export interface Slice {
  readonly closure: Closure;
  /** In order: class headers, the step, what every step needs, effects in the order of evaluation. */
  readonly roots: readonly LinkNode[];
  /** The class itself is reached through `this`. */
  readonly flow: FlowClass;
}

/** Pieces of one program in the order in which files are evaluated. */
export interface Loaded {
  readonly program: Program;
  readonly effects: Effects;
  /** Position of each piece that runs while files are loaded. */
  readonly order: ReadonlyMap<LinkNode, number>;
}

export function sliceStep(loaded: Loaded, flow: FlowClass, step: string): Slice {
  const method = flow.lookup(step, false).filter(({ member }) => member.kind === 'method');
  if (method.length === 0) throw new Error(`no method ${step} in the class of the flow`);
  const fixed = [
    ...flow.headers(),
    ...method.flatMap(({ node, options }) => (options ? [node, options] : [node])),
    ...(flow.opaqueAt ? flow.all(({ kind, remade }) => kind !== 'field' || remade).map(({ node }) => node) : []),
    ...bareImports(loaded.program),
    ...opaqueFiles(loaded.program),
  ];
  const effects = findEffects(loaded, flow, fixed);
  const closure = new Closure();
  for (const root of fixed) closure.add(root);
  const ordered = [...effects].sort(([a], [b]) => (loaded.order.get(a) ?? 0) - (loaded.order.get(b) ?? 0));
  for (const [effect, cause] of ordered) closure.add(effect, cause ? closure.indexOf(cause) : -1);
  return { closure, roots: [...fixed, ...ordered.map(([effect]) => effect)], flow };
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

/** Effects that change what is reached, until no more are found; each with the first thing it changes. */
function findEffects(
  { effects }: Loaded,
  flow: FlowClass,
  roots: readonly LinkNode[],
): ReadonlyMap<LinkNode, LinkNode | undefined> {
  const found = new Map<LinkNode, LinkNode | undefined>();
  const closure = new Closure();
  for (const root of roots) closure.add(root);
  const search = effects.search();
  const include = (writers: readonly LinkNode[], cause: LinkNode | undefined): void => {
    for (const writer of writers) {
      found.set(writer, cause);
      closure.add(writer);
    }
  };
  include(search.writersOf([GLOBAL, ...flow.links.map(({ node }) => node.state)]), undefined);
  // The closure grows while it is gone through.
  for (const node of closure.nodes) {
    include(search.writersOf(node.facts.readsGlobal ? [node.state, FILLED] : [node.state]), node);
  }
  return found;
}
