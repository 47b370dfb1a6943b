import type { LinkedModule } from './modules.ts';
import { plainEdge, type Slot } from './node.ts';
import type { Program } from './program.ts';
import { resolveImport, resolveName } from './resolve.ts';

/** What JSX elements are made with: the runtime that the compiler imports, or the factory named in the options. */
export function jsxSlot(program: Program, module: LinkedModule): Slot {
  const runtimes = module.source.imports.filter(({ specifier }) => /\/jsx(-dev)?-runtime$/.test(specifier));
  const { jsxFactory, jsxFragmentFactory } = program.graph.emit;
  const roots = [jsxFactory, jsxFragmentFactory, 'React'].flatMap((name) =>
    typeof name === 'string' ? (name.split('.')[0] ?? []) : [],
  );
  const isKnown = (name: string) => module.names.has(name) || Object.hasOwn(module.summary?.imports ?? {}, name);
  const targets = [
    ...runtimes.flatMap(({ specifier }) => resolveImport(program, module, specifier, '*', 'import')),
    ...[...new Set(roots)].filter(isKnown).flatMap((name) => resolveName(program, module, name)),
  ];
  return targets.map(({ node, pick }) => plainEdge(node, pick));
}
