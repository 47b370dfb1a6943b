import type { ModuleGraph } from '@varve/core/contract';
import type { CodeGraph, FlowMembers, Target } from './graph.ts';
import { contentLeaf } from './leaves.ts';
import { type LinkedModule, Modules, type SummaryTable } from './modules.ts';
import { LinkNode, type NodeParts, plainEdge } from './node.ts';
import type { Surroundings } from './options.ts';
import { classNode, partNode } from './pieces.ts';
import { resolveImport, resolveName } from './resolve.ts';

/** All pieces of one module graph; each is made once, when it is first asked for. */
export class Program implements CodeGraph {
  readonly modules: Modules;
  readonly #nodes = new Map<string, LinkNode>();
  readonly #resolved = new Map<string, readonly Target[]>();
  /** Names that were looked for among the exports of a file, and are none of them: see `absentName`. */
  readonly absent = new Set<string>();
  /** The class whose members are looked up one by one; set once it is found. */
  flow: FlowMembers | undefined;

  constructor(
    readonly graph: ModuleGraph,
    summaries: SummaryTable,
    readonly outside: Surroundings,
  ) {
    this.modules = new Modules(graph, summaries);
  }

  /** The node of that key, made on the first call. */
  node(key: string, make: () => NodeParts): LinkNode {
    const known = this.#nodes.get(key);
    if (known) return known;
    const made = new LinkNode(this.#nodes.size, make());
    this.#nodes.set(key, made);
    return made;
  }

  /** Where a name leads; looked up once, as long as the class of the flow stays the same. */
  resolve(module: LinkedModule, name: string, member: string | undefined): readonly Target[] {
    // No member is not the member that is called nothing.
    const key = [module.source.path, name, ...(member === undefined ? [] : [member])].join('\0');
    const known = this.#resolved.get(key);
    if (known) return known;
    const found = resolveName(this, module, name, member);
    if (this.flow) this.#resolved.set(key, found);
    return found;
  }

  /** One top-level declaration or statement. */
  unit(module: LinkedModule, index: number): LinkNode {
    const unit = module.summary?.units[index];
    if (!unit) throw new Error(`no unit ${index} in ${module.file}`);
    const key = `${module.source.path}#${index}`;
    return this.node(key, () =>
      unit.shape ? classNode(this, module, index, unit) : partNode(this, { module, unit, key }),
    );
  }

  /** A file that is hashed by its content, with all that it imports. */
  file(module: LinkedModule): LinkNode {
    const whole = module.summary?.whole;
    const facts = whole ? { hazards: [whole] } : {};
    const slots = () =>
      module.source.imports.map(({ specifier }) =>
        resolveImport(this, module, specifier, '*', 'import').map(({ node, pick }) => plainEdge(node, pick)),
      );
    return this.node(`file:${module.source.path}`, () => contentLeaf(module, slots, facts));
  }

  /** Every piece of every file that was understood, in the order in which files are evaluated. */
  pieces(): readonly LinkNode[] {
    return this.modules.all().flatMap((module) =>
      (module.summary?.units ?? []).flatMap((unit, index) => {
        const node = this.unit(module, index);
        return unit.shape ? [node, ...node.edges.map(({ to }) => to)] : [node];
      }),
    );
  }
}
