import type { Digest } from '@varve/core/contract';
import { digestOfParts } from '../format.ts';
import { type ClassShape, type Member, type Part, type Ref, type Unit, Use } from '../summary/summary.ts';
import { methodUse } from '../summary/walk/usage.ts';
import { assetSlots } from './asset-slots.ts';
import { memberSlot, runsMethods } from './flow-class.ts';
import { keeperOf, keptBy } from './handed.ts';
import { jsxSlot } from './jsx-slot.ts';
import type { LinkedModule } from './modules.ts';
import type { Edge, LinkNode, NodeKind, NodeParts, Slot } from './node.ts';
import type { Program } from './program.ts';
import { installedSlot, resolveImport, type Target } from './resolve.ts';

interface Piece {
  /** Name, base class and static parts of a class. */
  readonly header?: boolean;
  /** Runs whenever an object is made, so that it sees other fields before they are artifacts. */
  readonly initialises?: boolean;
  readonly key: string;
  readonly label: string;
  readonly kind: NodeKind;
  readonly part: Part;
  /** Position of its class among the file's units, for members and headers. */
  readonly classIndex?: number;
}

/** A function, a value, a statement. */
export function partNode(program: Program, at: { module: LinkedModule; unit: Unit; key: string }): NodeParts {
  const { module, unit, key } = at;
  const piece: Piece = { key, label: `${module.file}#${unit.label}`, kind: unit.kind, part: unit };
  return {
    ...pieceNode(program, module, piece),
    keeps: keptBy(module, unit),
    keeper: () => keeperOf(program, module, unit),
  };
}

/** A class as a whole: its header and every member. */
export function classNode(program: Program, module: LinkedModule, index: number, unit: Unit): NodeParts {
  const { shape } = unit;
  if (!shape) throw new Error(`${unit.label} is no class`);
  const part = (to: LinkNode): Slot => [{ to, pick: '', eager: 0, later: 0, part: true }];
  return {
    key: `${module.source.path}#${index}`,
    label: `${module.file}#${unit.label}`,
    own: pieceOwn(unit, module.file),
    part: unit,
    line: unit.line,
    file: module.file,
    kind: 'class',
    facts: {},
    slots: () => [
      part(headerNode(program, module, index, shape)),
      ...shape.members.map((member) => part(memberNode(program, module, index, shape, member))),
    ],
  };
}

export function headerNode(program: Program, module: LinkedModule, index: number, shape: ClassShape): LinkNode {
  const key = `${module.source.path}#${index}#header`;
  const label = `${module.file}#${classLabel(module, index)}`;
  const piece: Piece = { key, label, kind: 'member', part: shape.header, classIndex: index, header: true };
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
  const initialises = member.kind !== 'method';
  const piece: Piece = { key, label, kind: 'member', part: member, classIndex: index, initialises };
  return program.node(key, () => pieceNode(program, module, piece));
}

/** What `@step` says about the result of a method. */
export function optionsNode(
  program: Program,
  module: LinkedModule,
  index: number,
  member: Member,
): LinkNode | undefined {
  const { options, name } = member;
  if (!options) return undefined;
  // By its place: a static method may have the name of another one.
  const at = module.summary?.units[index]?.shape?.members.indexOf(member);
  const key = `${module.source.path}#${index}#@${at}`;
  const label = `${module.file}#${classLabel(module, index)}.${name} @step`;
  return program.node(key, () => pieceNode(program, module, { key, label, kind: 'member', part: options }));
}

function classLabel(module: LinkedModule, index: number): string {
  return module.summary?.units[index]?.label ?? 'class';
}

/** Code that sees where its file lies is not the same elsewhere. */
export function pieceOwn({ own, facts }: Part, file: string): Digest {
  return facts.place ? digestOfParts([own, file]) : own;
}

function pieceNode(program: Program, module: LinkedModule, piece: Piece): NodeParts {
  const { key, label, kind, part } = piece;
  return {
    key,
    label,
    own: pieceOwn(part, module.file),
    part,
    line: part.line,
    file: module.file,
    kind,
    facts: part.facts,
    slots: () => [
      ...part.refs.map((ref) => slotOf(program, module, piece, ref)),
      ...escapeSlots(program, module, piece),
      ...assetSlots(program, module, part.facts),
    ],
  };
}

function slotOf(program: Program, module: LinkedModule, piece: Piece, ref: Ref): Slot {
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
      const { kind, name } = ref;
      const names = ref.member === undefined ? ['*'] : ref.member.split(',').filter((each) => each !== '');
      return names.flatMap((each) =>
        resolveImport(program, module, name, each, kind).map((target) => edgeTo(target, ref)),
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

/** The base class of the flow is not taken whole: its members are looked up one by one. */
function toHeader(program: Program, edge: Edge): Edge {
  const header = program.flow?.headerOf(edge.to);
  return header ? { ...edge, to: header } : edge;
}

/** Position of the piece's class in the flow's chain; negative for any other class. */
function ownerOf(program: Program, module: LinkedModule, { classIndex }: Piece): number {
  return classIndex === undefined ? -1 : (program.flow?.positionOf(module, classIndex) ?? -1);
}

/** What the piece of the flow lets out of sight may be asked for anything. */
function escapeSlots(program: Program, module: LinkedModule, piece: Piece): readonly Slot[] {
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

/** Whether `{ ...this }` sees the member, and its value is no artifact. */
function isSpread({ kind, remade, name }: Member): boolean {
  return kind === 'field' && remade && !name.startsWith('#');
}

function edgeTo({ node, pick, memberUsed }: Target, ref: Ref): Edge {
  const seen = (uses: number) => (memberUsed || !(uses & Use.Own) ? uses : (uses & ~Use.Own) | methodUse(ref.member));
  const handed = ref.handed === undefined ? {} : { handed: seen(ref.handed) };
  return { to: node, pick, eager: seen(ref.eager), later: seen(ref.later), ...handed };
}
