import { createHash } from 'node:crypto';
import type {
  CallOptions,
  CodeFingerprint,
  Fingerprinter,
  FingerprintNode,
  Hazard,
  ModuleGraph,
  PurityFinding,
} from '@varve/core/contract';
import ts from 'typescript';
import { type ParsedModule, parseModules, type Unit } from './slicer-units.ts';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

interface Slice {
  readonly units: Map<Unit, { readonly from: Unit | undefined; readonly refs: Set<Unit> }>;
  readonly hazards: Hazard[];
  readonly purity: PurityFinding[];
}

/** A fingerprinter that is correct for the files of the kit, small and slow. The broken ones are based on it. */
export class Slicer implements Fingerprinter {
  readonly id: string = 'slicer/1';

  async fingerprint(
    graph: ModuleGraph,
    _flow: string,
    steps: readonly string[],
    options: CallOptions = {},
  ): Promise<readonly CodeFingerprint[]> {
    options.signal?.throwIfAborted();
    const modules = parseModules(graph);
    return steps.map((step) => this.describe(step, this.slice(modules, step)));
  }

  protected slice(modules: ReadonlyMap<string, ParsedModule>, step: string): Slice {
    const slice: Slice = { units: new Map(), hazards: [], purity: [] };
    const reach = (unit: Unit, from: Unit | undefined): void => {
      if (from !== undefined) slice.units.get(from)?.refs.add(unit);
      if (slice.units.has(unit)) return;
      slice.units.set(unit, { from, refs: new Set() });
      const visit = (node: ts.Node): void => {
        for (const next of this.follow(modules, unit, node, slice)) if (next !== unit) reach(next, unit);
        ts.forEachChild(node, visit);
      };
      visit(unit.node);
    };
    for (const unit of membersNamed(modules, step)) reach(unit, undefined);
    for (const { effects } of modules.values()) for (const unit of effects) reach(unit, undefined);
    return slice;
  }

  protected follow(
    modules: ReadonlyMap<string, ParsedModule>,
    unit: Unit,
    node: ts.Node,
    slice: Slice,
  ): readonly Unit[] {
    const module = modules.get(unit.file);
    note(slice, unit, node);
    if (module === undefined) return [];
    if (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword) {
      return membersNamed(modules, node.name.text);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      const file = name !== undefined && ts.isStringLiteral(name) ? module.targets.get(name.text) : undefined;
      if (file === undefined)
        slice.hazards.push({ ...placeOf(unit, node), kind: 'computed-import', message: 'a computed import' });
      return file === undefined ? [] : exportsOf(modules, file, '*');
    }
    if (!ts.isIdentifier(node)) return [];
    const declared = module.declared.get(node.text);
    if (declared !== undefined) return [declared];
    const imported = module.imported.get(node.text);
    return imported === undefined ? [] : exportsOf(modules, imported.file, imported.name);
  }

  protected describe(step: string, slice: Slice): CodeFingerprint {
    const units = [...slice.units.keys()];
    const texts = units.map((unit) => unit.text).sort();
    const nodes: FingerprintNode[] = units.map((unit) => {
      const found = slice.units.get(unit);
      return {
        label: unit.label,
        own: digestOf(unit.text),
        refs: [...(found?.refs ?? [])].map((ref) => units.indexOf(ref)),
        from: found?.from === undefined ? -1 : units.indexOf(found.from),
        line: unit.line,
      };
    });
    return {
      step,
      code: digestOf(JSON.stringify([this.id, step, texts])),
      nodes,
      packages: [],
      assets: [],
      native: false,
      moduleState: units.filter((unit) => isState(unit, texts)).map((unit) => unit.label),
      hazards: slice.hazards,
      purity: slice.purity,
    };
  }
}

function membersNamed(modules: ReadonlyMap<string, ParsedModule>, name: string): Unit[] {
  return [...modules.values()].flatMap(({ members }) => members.filter(({ member }) => member === name));
}

function exportsOf(modules: ReadonlyMap<string, ParsedModule>, file: string, name: string): Unit[] {
  const module = modules.get(file);
  if (module === undefined) return [];
  if (name === '*')
    return [...module.declared.values(), ...module.stars.flatMap((star) => exportsOf(modules, star, '*'))];
  const own = module.declared.get(name);
  return own === undefined ? module.stars.flatMap((star) => exportsOf(modules, star, name)) : [own];
}

function placeOf(unit: Unit, node: ts.Node): { readonly file: string; readonly line: number } {
  return { file: unit.file, line: unit.source.getLineAndCharacterOfPosition(node.getStart(unit.source)).line + 1 };
}

function note(slice: Slice, unit: Unit, node: ts.Node): void {
  if (ts.isPropertyAccessExpression(node) && node.getText(unit.source) === 'Math.random')
    slice.purity.push({ ...placeOf(unit, node), call: 'Math.random' });
}

function isState(unit: Unit, texts: readonly string[]): boolean {
  if (!ts.isVariableDeclaration(unit.node)) return false;
  const name = unit.node.name.getText(unit.source);
  return texts.some((text) => text !== unit.text && new RegExp(`\\b${name}\\s*(?:\\+\\+|--|[-+*/]?=[^=])`).test(text));
}
