import type { Digest, SourceModule } from '@varve/core/contract';
import { canonicalJson, digestOfParts } from '../format.ts';
import { methodUse, PUTS } from '../summary/builtins.ts';
import { type ClassShape, type Facts, type Member, type Part, type Ref, type Unit, Use } from '../summary/summary.ts';
import { emitOptions } from './emit-options.ts';
import type { CodeGraph, FlowMembers, Target } from './graph.ts';
import { projectNode } from './leaves.ts';
import type { LinkedModule } from './modules.ts';
import { type Edge, type LinkNode, type NodeKind, type NodeParts, plainEdge, type Slot } from './node.ts';
import { installedSlot, resolveImport, resolveName, specifiersOf } from './resolve.ts';

/** A part of a summary, placed in its file and class. */
interface Piece {
  /** Holds name, base class and static parts of a class. */
  readonly header?: boolean;
  /** Runs whenever an object is made, so that it reads other fields before they are artifacts. */
  readonly initialises?: boolean;
  readonly key: string;
  readonly label: string;
  readonly kind: NodeKind;
  readonly part: Part;
  /** Position of its class among the file's units, for members and headers. */
  readonly classIndex?: number;
}

/** A function, a value or a statement. */
export function partNode(program: CodeGraph, at: { module: LinkedModule; unit: Unit; key: string }): NodeParts {
  const { module, unit, key } = at;
  const piece: Piece = { key, label: `${module.file}#${unit.label}`, kind: unit.kind, part: unit };
  return {
    ...pieceNode(program, module, piece),
    fixed: !unit.binds.some((name) => module.assigned.has(name)),
  };
}

/** A class as a whole: its header and every member. */
export function classNode(program: CodeGraph, module: LinkedModule, index: number, unit: Unit): NodeParts {
  const { shape } = unit;
  if (!shape) throw new Error(`${unit.label} is no class`);
  const part = (to: LinkNode): Slot => [{ to, pick: '', eager: 0, later: 0, part: true }];
  return {
    key: `${module.source.path}#${index}`,
    label: `${module.file}#${unit.label}`,
    own: pieceOwn(unit, module.file, module.source),
    part: unit,
    line: unit.line,
    file: module.file,
    kind: 'class',
    facts: {},
    fixed: !unit.binds.some((name) => module.assigned.has(name)),
    members: () => shape.members.map((member) => [member, memberNode(program, module, index, shape, member)]),
    slots: () => [
      part(headerNode(program, module, index, shape)),
      ...shape.members.map((member) => part(memberNode(program, module, index, shape, member))),
    ],
  };
}

export function headerNode(program: CodeGraph, module: LinkedModule, index: number, shape: ClassShape): LinkNode {
  const key = `${module.source.path}#${index}#header`;
  const label = `${module.file}#${classLabel(module, index)}`;
  const piece: Piece = { key, label, kind: 'member', part: shape.header, classIndex: index, header: true };
  return program.node(key, () => pieceNode(program, module, piece));
}

export function memberNode(
  program: CodeGraph,
  module: LinkedModule,
  index: number,
  shape: ClassShape,
  member: Member,
): LinkNode {
  const key = `${module.source.path}#${index}#${shape.members.indexOf(member)}`;
  const label = `${module.file}#${classLabel(module, index)}.${member.name}`;
  const initialises = member.kind !== 'method';
  const piece: Piece = { key, label, kind: 'member', part: member, classIndex: index, initialises };
  return program.node(key, () => pieceNode(program, module, piece));
}

/** The options of `@step` that affect the result of a method. */
export function optionsNode(
  program: CodeGraph,
  module: LinkedModule,
  index: number,
  member: Member,
): LinkNode | undefined {
  const { options, name } = member;
  if (!options) return undefined;
  // Keyed by position: a static method may share its name with an instance method.
  const at = module.summary?.units[index]?.shape?.members.indexOf(member);
  const key = `${module.source.path}#${index}#@${at}`;
  const label = `${module.file}#${classLabel(module, index)}.${name} @step`;
  return program.node(key, () => pieceNode(program, module, { key, label, kind: 'member', part: options }));
}

function classLabel(module: LinkedModule, index: number): string {
  return module.summary?.units[index]?.label ?? 'class';
}

/**
 * Hash of a piece. Code that can see the path of its file is different code elsewhere, and so is code that is compiled
 * with options of its own.
 */
export function pieceOwn({ own, facts }: Part, file: string, { emit }: Pick<SourceModule, 'emit'>): Digest {
  const placed = facts.place ? digestOfParts([own, file]) : own;
  return emit ? digestOfParts([placed, canonicalJson(emitOptions(emit))]) : placed;
}

function pieceNode(program: CodeGraph, module: LinkedModule, piece: Piece): NodeParts {
  const { key, label, kind, part } = piece;
  return {
    key,
    label,
    own: pieceOwn(part, module.file, module.source),
    part,
    line: part.line,
    file: module.file,
    kind,
    facts: part.facts,
    slots: () => [
      ...part.refs.map((ref) => slotOf(program, module, piece, ref)),
      ...escapeSlots(program, module, piece),
      ...projectSlots(program, part.facts),
    ],
  };
}

function slotOf(program: CodeGraph, module: LinkedModule, piece: Piece, ref: Ref): Slot {
  switch (ref.kind) {
    case 'name':
      return program
        .resolve(module, ref.name, ref.member)
        .map((target) => (piece.header ? toHeader(program, edgeTo(target, ref)) : edgeTo(target, ref)));
    case 'installed':
      return installedSlot(program, module, ref.name);
    case 'jsx':
      return jsxSlot(program, module);
    case 'dynamic':
    case 'require': {
      const { kind } = ref;
      const names = ref.member === undefined ? ['*'] : ref.member.split(',').filter((each) => each !== '');
      return specifiersOf(module, ref.name, kind).flatMap((from) =>
        names.flatMap((each) => resolveImport(program, module, from, each, kind).map((target) => edgeTo(target, ref))),
      );
    }
    default: {
      const owner = ownerOf(program, module, piece);
      const nodes =
        owner < 0 || !program.flow
          ? []
          : memberSlot(program.flow, ref.kind, ref.name, owner, piece.initialises === true);
      return nodes.map((to) => ({ to, pick: '', eager: 0, later: 0, part: true }));
    }
  }
}

/** A base class of the flow is not taken whole: its members are looked up one by one. */
function toHeader(program: CodeGraph, edge: Edge): Edge {
  const header = program.flow?.headerOf(edge.to);
  return header ? { ...edge, to: header } : edge;
}

/** Position of the piece's class in the flow's chain; negative for any other class. */
function ownerOf(program: CodeGraph, module: LinkedModule, { classIndex }: Piece): number {
  return classIndex === undefined ? -1 : (program.flow?.positionOf(module, classIndex) ?? -1);
}

/** Members that code may reach once the piece lets `this` escape. */
function escapeSlots(program: CodeGraph, module: LinkedModule, piece: Piece): readonly Slot[] {
  const { part, initialises = false } = piece;
  const escaped = part.facts.escape;
  const { flow } = program;
  if (!flow || ownerOf(program, module, piece) < 0) return [];
  const seesAll = initialises && (escaped !== undefined || runsMethods(flow, part));
  if (escaped === undefined && !seesAll) return [];
  const found = flow.all((member) => {
    if (seesAll) return member.kind !== 'method' ? !member.static : escaped === 'members';
    return escaped === 'members' ? member.kind !== 'field' || member.remade : isSpread(member);
  });
  return found.map(({ node }) => [{ to: node, pick: '', eager: 0, later: 0, part: true }]);
}

/** True if `{ ...this }` copies the member and its value is not an artifact. */
function isSpread({ kind, remade, name }: Member): boolean {
  return kind === 'field' && remade && !name.startsWith('#');
}

function edgeTo({ node, pick, memberUsed }: Target, ref: Ref): Edge {
  const own = node.kind === 'container' ? methodUse(ref.member) : Use.Own;
  const seen = (uses: number) => (memberUsed || !(uses & Use.Own) ? uses : (uses & ~Use.Own) | own);
  return {
    ...{ to: node, pick, eager: seen(ref.eager), later: seen(ref.later) },
    ...(memberUsed && { isMember: true }),
    ...(node.kind === 'container' && !memberUsed && isPut(ref) && { put: true }),
  };
}

/** True for `list.push(x);` and the like, whose result nobody takes. */
function isPut({ member = '', eager, later }: Ref): boolean {
  return PUTS.has(member) && (eager | later) === (Use.Call | Use.Own);
}

/**
 * Members that a reference to `this`, `super` or a private name leads to, with the constructors that may assign them.
 * Leaves out artifacts, which come by value, unless `fresh`: code that runs before fields are artifacts.
 */
function memberSlot(flow: FlowMembers, kind: string, name: string, owner: number, fresh: boolean): readonly LinkNode[] {
  const isStatic = kind === 'static' || kind === 'static-super';
  const isSuper = kind === 'super' || kind === 'static-super';
  const from = isSuper ? owner + 1 : kind === 'private' ? owner : 0;
  const found = [...flow.lookup(name, isStatic, from), ...(kind === 'private' ? flow.lookup(name, true, from) : [])];
  const code = found.filter(({ member }) => member.kind !== 'field' || member.remade || fresh);
  const isMade = code.some(({ member }) => member.kind === 'field');
  const makers = isMade ? flow.all((member) => member.kind === 'constructor' && mayAssign(flow, member, name)) : [];
  return [...code, ...makers].map(({ node }) => node);
}

/** True if a constructor may assign a field: it names the field, lets `this` escape, or runs a method. */
function mayAssign(flow: FlowMembers, maker: Member, name: string): boolean {
  return maker.facts.escape !== undefined || runsMethods(flow, maker) || maker.refs.some((ref) => ref.name === name);
}

/** True if code runs a method of the flow, which may read and assign any field. */
function runsMethods(flow: FlowMembers, { refs }: Pick<Member, 'refs'>): boolean {
  return refs.some(({ kind, name }) => {
    if (kind !== 'this' && kind !== 'super' && kind !== 'private') return false;
    return flow.lookup(name, false).some(({ member }) => member.kind === 'method');
  });
}

/** The functions that make JSX elements: the runtime that the compiler imports, or the factory in its options. */
function jsxSlot(program: CodeGraph, module: LinkedModule): Slot {
  const runtimes = module.source.imports.filter(({ specifier }) => /\/jsx(-dev)?-runtime$/.test(specifier));
  const { jsxFactory, jsxFragmentFactory } = module.source.emit ?? program.graph.emit;
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

/** The leaf for all files of the project, for a piece that may depend on any of them. */
function projectSlots(program: CodeGraph, facts: Facts): readonly Slot[] {
  return facts.project ? [[plainEdge(projectNode(program))]] : [];
}
