import type { ModuleGraph } from '@varve/core/contract';
import type { CodeGraph, FlowMembers, Target } from './graph.ts';
import { contentLeaf } from './leaves.ts';
import { type LinkedModule, Modules, type SummaryTable } from './modules.ts';
import { LinkNode, type NodeParts, plainEdge } from './node.ts';
import type { Surroundings } from './options.ts';
import { classNode, optionsNode, partNode } from './pieces.ts';
import { resolveImport, resolveName } from './resolve.ts';

/** The code graph over the summaries of one module graph. Nodes are made when they are first asked for. */
export class Program implements CodeGraph {
  readonly modules: Modules;
  readonly #nodes = new Map<string, LinkNode>();
  readonly #resolved = new Map<string, readonly Target[]>();
  readonly absent = new Set<string>();
  flow: FlowMembers | undefined;

  constructor(
    readonly graph: ModuleGraph,
    summaries: SummaryTable,
    readonly outside: Surroundings,
  ) {
    this.modules = new Modules(graph, summaries);
  }

  node(key: string, make: () => NodeParts): LinkNode {
    const known = this.#nodes.get(key);
    if (known) return known;
    const made = new LinkNode(this.#nodes.size, make());
    this.#nodes.set(key, made);
    return made;
  }

  resolve(module: LinkedModule, name: string, member: string | undefined): readonly Target[] {
    // A missing member differs from the member named ''.
    const key = [module.source.path, name, ...(member === undefined ? [] : [member])].join('\0');
    const known = this.#resolved.get(key);
    if (known) return known;
    const found = resolveName(this, module, name, member);
    // Static members are found only once the flow is known.
    if (this.flow) this.#resolved.set(key, found);
    return found;
  }

  unit(module: LinkedModule, index: number): LinkNode {
    const unit = module.summary?.units[index];
    if (!unit) throw new Error(`no unit ${index} in ${module.file}`);
    const key = `${module.source.path}#${index}`;
    return this.node(key, () =>
      unit.shape ? classNode(this, module, index, unit) : partNode(this, { module, unit, key }),
    );
  }

  file(module: LinkedModule): LinkNode {
    const { whole } = module.summary ?? {};
    const facts = whole ? { hazards: [whole] } : {};
    const slots = () => [
      ...module.source.imports.map(({ specifier }) =>
        resolveImport(this, module, specifier, '*', 'import').map(({ node, pick }) => plainEdge(node, pick)),
      ),
    ];
    return this.node(`file:${module.source.path}`, () => contentLeaf(module, slots, facts));
  }

  /** Every piece of every file that could be parsed, in evaluation order. */
  pieces(): readonly LinkNode[] {
    return this.modules.all().flatMap((module) => this.piecesOf(module));
  }

  piecesOf(module: LinkedModule): readonly LinkNode[] {
    return (module.summary?.units ?? []).flatMap((unit, index) => {
      const node = this.unit(module, index);
      const options = (unit.shape?.members ?? []).flatMap((member) => optionsNode(this, module, index, member) ?? []);
      return unit.shape ? [node, ...node.edges.map(({ to }) => to), ...options] : [node];
    });
  }
}
