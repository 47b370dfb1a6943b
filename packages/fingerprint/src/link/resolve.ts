import { digestOfParts } from '../format.ts';
import type { Unit } from '../summary/summary.ts';
import { foldedPattern } from '../summary/walk/folded-names.ts';
import { absentName, type CodeGraph, EVERY_NAME, type Target } from './graph.ts';
import { builtinLeaf, leaf, missingLeaf, packageLeaf } from './leaves.ts';
import { type LinkedModule, targetOf } from './modules.ts';
import { type LinkNode, plainEdge, type Slot } from './node.ts';

/** Resolves a name of a file's top scope: to a declaration, through an import, or through a re-export. */
export function resolveName(
  program: CodeGraph,
  module: LinkedModule,
  name: string,
  member?: string,
  seen: ReadonlySet<string> = new Set(),
): readonly Target[] {
  const found = module.names.get(name);
  if (found) return found.flatMap((index) => unitTarget(program, module, index, name, member));
  const imports = module.summary?.imports ?? {};
  const imported = Object.hasOwn(imports, name) ? imports[name] : undefined;
  if (imported) return resolveImport(program, module, imported.from, imported.name, 'import', member, seen);
  return [plain(missing(program, module, name))];
}

function unitTarget(
  program: CodeGraph,
  module: LinkedModule,
  index: number,
  name: string,
  member: string | undefined,
): readonly Target[] {
  const node = program.unit(module, index);
  const unit = module.summary?.units[index];
  const statics = member === undefined ? [] : (program.flow?.staticMembers(node, member) ?? []);
  if (statics.length > 0) return statics.map((each) => ({ node: each, pick: '', memberUsed: true }));
  return [{ node, pick: unit ? pickOf(unit, name) : '', memberUsed: false }];
}

/** Selects one of several names of a declaration. */
function pickOf({ binds }: Unit, name: string): string {
  return binds.length > 1 ? String(binds.indexOf(name)) : '';
}

/** Resolves export `name` of an imported specifier; `*` is the whole namespace. */
export function resolveImport(
  program: CodeGraph,
  module: LinkedModule,
  specifier: string,
  name: string,
  kind: 'import' | 'dynamic' | 'require',
  member?: string,
  seen: ReadonlySet<string> = new Set(),
): readonly Target[] {
  const target = targetOf(module, specifier, kind);
  // Members of a namespace import, and of a default import of Node, are exports.
  const memberIsExport = member !== undefined && (name === '*' || (name === 'default' && target?.type === 'builtin'));
  const wanted = memberIsExport && member !== undefined ? member : name;
  switch (target?.type) {
    case 'module': {
      const next = program.modules.get(target.path);
      if (!next) return [plain(missing(program, module, specifier))];
      if (wanted === '*') return [plain(namespaceNode(program, next))];
      return resolveExport(program, next, wanted, memberIsExport ? undefined : member, seen).map((each) =>
        memberIsExport ? { ...each, memberUsed: true } : each,
      );
    }
    case 'package': {
      const made = packageLeaf(target, specifier, wanted, program.outside.packageInfo);
      return [{ node: program.node(made.key, () => made), pick: '', memberUsed: memberIsExport }];
    }
    case 'builtin': {
      const made = builtinLeaf(target.name, wanted);
      return [{ node: program.node(made.key, () => made), pick: '', memberUsed: memberIsExport }];
    }
    default:
      return [plain(missing(program, module, specifier))];
  }
}

/** Resolves an export of a file. Returns all candidates where several may be meant. */
export function resolveExport(
  program: CodeGraph,
  module: LinkedModule,
  name: string,
  member?: string,
  seen: ReadonlySet<string> = new Set(),
): readonly Target[] {
  const { summary, source } = module;
  if (!summary || summary.whole) return [{ node: program.file(module), pick: name, memberUsed: false }];
  const step = `${source.path}#${name}`;
  if (seen.has(step)) return [];
  const inner = new Set(seen).add(step);
  const entry = Object.hasOwn(summary.exports, name) ? summary.exports[name] : undefined;
  if (entry && 'local' in entry) return resolveName(program, module, entry.local, member, inner);
  if (entry) return resolveImport(program, module, entry.from, entry.name, 'import', member, inner);
  program.absent.add(absentName(source.path, name));
  const starred = name === 'default' ? [] : summary.stars;
  const found = starred.flatMap((from) => resolveImport(program, module, from, name, 'import', member, inner));
  const real = found.filter(({ node }) => node.kind !== 'missing');
  if (real.length > 0) return real;
  return seen.size > 0 && found.length === 0 ? [] : [plain(missing(program, module, name))];
}

/** All exports of a file at once. */
function namespaceNode(program: CodeGraph, module: LinkedModule): LinkNode {
  const { summary, source, file } = module;
  if (!summary || summary.whole) return program.file(module);
  const key = `namespace:${source.path}`;
  return program.node(key, () => {
    const { names, outside } = exportNames(program, module, new Set());
    const targets = () => [
      ...names.map((name) => resolveExport(program, module, name)),
      ...outside.map(([from, specifier]) => resolveImport(program, from, specifier, '*', 'import')),
    ];
    return leaf({
      key,
      label: `${file}#*`,
      own: digestOfParts(['namespace', ...names]),
      kind: 'namespace',
      file,
      slots: () =>
        targets().map((slot) => slot.map(({ node, pick }) => ({ to: node, pick, eager: 0, later: 0, part: true }))),
    });
  });
}

interface ExportNames {
  readonly names: readonly string[];
  /** Packages re-exported with `export *`. */
  readonly outside: readonly (readonly [LinkedModule, string])[];
}

function exportNames(program: CodeGraph, module: LinkedModule, seen: Set<LinkedModule>): ExportNames {
  const { summary } = module;
  if (seen.has(module) || !summary) return { names: [], outside: [] };
  seen.add(module);
  program.absent.add(absentName(module.source.path, EVERY_NAME));
  const names = new Set(Object.keys(summary.exports));
  const outside: (readonly [LinkedModule, string])[] = [];
  for (const from of summary.stars) {
    const target = targetOf(module, from, 'import');
    const next = target?.type === 'module' ? program.modules.get(target.path) : undefined;
    if (!next?.summary || next.summary.whole) outside.push([module, from]);
    else {
      const more = exportNames(program, next, seen);
      for (const name of more.names) if (name !== 'default') names.add(name);
      outside.push(...more.outside);
    }
  }
  return { names: [...names].sort(), outside };
}

function missing(program: CodeGraph, module: LinkedModule, name: string): LinkNode {
  const made = missingLeaf(module, name);
  return program.node(made.key, () => made);
}

function plain(node: LinkNode): Target {
  return { node, pick: '', memberUsed: false };
}

/** Specifiers that a reference means: its name, or those that the compiler has found for an expression. */
export function specifiersOf({ source }: LinkedModule, name: string, kind: 'dynamic' | 'require'): readonly string[] {
  const pattern = foldedPattern(name);
  if (pattern === undefined) return [name];
  const wanted = kind === 'dynamic' ? 'dynamic-import' : kind;
  const found = source.imports.filter((each) => each.kind === wanted && pattern.test(each.specifier));
  return [...new Set(found.map(({ specifier }) => specifier))];
}

/** A package that code looks up at run time rather than imports. */
export function installedSlot(program: CodeGraph, module: LinkedModule, specifier: string): Slot {
  const target = program.outside.findInstalled(module.source.path, specifier);
  if (!target) return [plainEdge(missing(program, module, specifier))];
  const made = packageLeaf(target, specifier, '*', program.outside.packageInfo);
  return [plainEdge(program.node(made.key, () => made))];
}
