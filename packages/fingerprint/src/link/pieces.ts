import { digestOfParts } from '../format.ts';
import { methodUse } from '../summary/usage.ts';
import { type ClassShape, type Member, type Part, type Ref, type Unit, Use } from '../summary/summary.ts';
import { assetSlots } from './asset-slots.ts';
import { memberSlot } from './flow-class.ts';
import { jsxSlot } from './jsx-slot.ts';
import type { LinkedModule } from './modules.ts';
import type { Edge, LinkNode, NodeKind, Slot } from './node.ts';
import type { Program } from './program.ts';
import { resolveImport, resolveName, type Target } from './resolve.ts';

interface Piece {
  readonly key: string;
  readonly label: string;
  readonly kind: NodeKind;
  readonly part: Part;
  /** Position of its class among the file's units, for members and headers. */
  readonly classIndex?: number;
}

/** A function, a value, a statement. */
export function partNode(program: Program, at: { module: LinkedModule; unit: Unit; key: string }): LinkNode {
  const { module, unit, key } = at;
  return pieceNode(program, module, { key, label: `${module.file}#${unit.label}`, kind: unit.kind, part: unit });
}

/** A class as a whole: its header and every member. */
export function classNode(program: Program, module: LinkedModule, index: number, unit: Unit): LinkNode {
  const { shape } = unit;
  if (!shape) throw new Error(`${unit.label} is no class`);
  const part = (to: LinkNode): Slot => [{ to, pick: '', eager: 0, later: 0, part: true }];
  return {
    key: `${module.source.path}#${index}`,
    label: `${module.file}#${unit.label}`,
    own: unit.own,
    line: unit.line,
    file: module.file,
    kind: 'class',
    facts: {},
    slots: once(() => [
      part(headerNode(program, module, index, shape)),
      ...shape.members.map((member) => part(memberNode(program, module, index, shape, member))),
    ]),
  };
}

export function headerNode(program: Program, module: LinkedModule, index: number, shape: ClassShape): LinkNode {
  const key = `${module.source.path}#${index}#header`;
  const label = `${module.file}#${classLabel(module, index)}`;
  const piece: Piece = { key, label, kind: 'member', part: shape.header, classIndex: index };
  return program.node(key, () => pieceNode(program, module, piece));
}

export function memberNode(
  program: Program,
  module: LinkedModule,
  index: number,
  shape: ClassShape,
  member: Member,
): LinkNode {
  const key = `${module.source.path}#${index}#${shape.members.indexOf(member)}`;
  const label = `${module.file}#${classLabel(module, index)}.${member.name}`;
  const piece: Piece = { key, label, kind: 'member', part: member, classIndex: index };
  return program.node(key, () => pieceNode(program, module, piece));
}

function classLabel(module: LinkedModule, index: number): string {
  return module.summary?.units[index]?.label ?? 'class';
}

function pieceNode(program: Program, module: LinkedModule, piece: Piece): LinkNode {
  const { key, label, kind, part } = piece;
  const place = part.facts.place ? [module.file] : [];
  return {
    key,
    label,
    // Code that sees where its file lies is not the same elsewhere.
    own: place.length > 0 ? digestOfParts([part.own, ...place]) : part.own,
    line: part.line,
    file: module.file,
    kind,
    facts: part.facts,
    slots: once(() => [
      ...part.refs.map((ref) => slotOf(program, module, piece, ref)),
      ...escapeSlots(program, module, piece),
      ...assetSlots(program, module, part.facts),
    ]),
  };
}

function slotOf(program: Program, module: LinkedModule, piece: Piece, ref: Ref): Slot {
  switch (ref.kind) {
    case 'name':
      return resolveName(program, module, ref.name, ref.member).map((target) => edgeTo(target, ref));
    case 'jsx':
      return jsxSlot(program, module);
    case 'dynamic':
    case 'require': {
      const { kind, name } = ref;
      const names = ref.member === undefined ? ['*'] : ref.member.split(',').filter((each) => each !== '');
      return names.flatMap((each) => resolveImport(program, module, name, each, kind).map((target) => edgeTo(target, ref)));
    }
    default: {
      const owner = ownerOf(program, module, piece);
      const nodes = owner < 0 || !program.flow ? [] : memberSlot(program.flow, ref.kind, ref.name, owner);
      return nodes.map((to) => ({ to, pick: '', eager: 0, later: 0, part: true }));
    }
  }
}

/** Position of the piece's class in the flow's chain; negative for any other class. */
function ownerOf(program: Program, module: LinkedModule, { classIndex }: Piece): number {
  return classIndex === undefined ? -1 : (program.flow?.positionOf(module, classIndex) ?? -1);
}

/** What the piece of the flow lets out of sight may be asked for anything. */
function escapeSlots(program: Program, module: LinkedModule, piece: Piece): readonly Slot[] {
  const { escape } = piece.part.facts;
  const { flow } = program;
  if (!flow || !escape || ownerOf(program, module, piece) < 0) return [];
  const found = flow.all(({ kind, remade }) => (escape === 'members' ? kind !== 'field' || remade : remade));
  return found.map(({ node }) => [{ to: node, pick: '', eager: 0, later: 0, part: true }]);
}

function edgeTo({ node, pick, memberUsed }: Target, ref: Ref): Edge {
  const seen = (uses: number) => (memberUsed || !(uses & Use.Own) ? uses : (uses & ~Use.Own) | methodUse(ref.member));
  return { to: node, pick, eager: seen(ref.eager), later: seen(ref.later) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
