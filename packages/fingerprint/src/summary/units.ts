import { boundNames, declaredNames } from '../ast/bindings.ts';
import {
  child,
  isAnonymous,
  isClass,
  isFunction,
  list,
  memberName,
  type Node,
  nameOf,
  need,
  text,
  unwrap,
} from '../ast/node.ts';
import { children, isErased } from '../ast/shape.ts';
import { digestOfParts } from '../format.ts';
import { deedsOfHeader, deedsOfMember, deedsOfOptions, deedsOfUnit } from './doing/piece.ts';
import { DEFAULT } from './module-table.ts';
import type { ClassShape, Member, Part, Unit } from './summary.ts';
import { membersOf, readClassHead, readMember } from './walk/classes.ts';
import { isFrameworkDecoratorIn } from './walk/framework-decorators.ts';
import { readStepDecorator } from './walk/step-options.ts';
import { type FileContext, type This, Walker } from './walk/walker.ts';

/** Splits a file into its declarations and statements. */
export function splitUnits(file: FileContext, program: Node): readonly Unit[] {
  return list(program, 'body').flatMap((statement) => unitsOf(file, statement));
}

function unitsOf(file: FileContext, node: Node): readonly Unit[] {
  if (isErased(node)) return [];
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return [];
    case 'ExportNamedDeclaration': {
      const declaration = child(node, 'declaration');
      return declaration ? unitsOf(file, declaration) : [];
    }
    case 'ExportDefaultDeclaration':
      return defaultUnit(file, need(node, 'declaration'));
    case 'VariableDeclaration':
      return list(node, 'declarations').map((each) => variableUnit(file, node, each));
    case 'TSImportEqualsDeclaration':
      if (need(node, 'moduleReference').type === 'TSExternalModuleReference') return [];
      return [plainUnit(file, node, 'value', declaredNames(node))];
    case 'FunctionDeclaration':
      return [plainUnit(file, node, 'function', declaredNames(node))];
    case 'ClassDeclaration':
      return [classUnit(file, node, declaredNames(node))];
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
      return [plainUnit(file, node, 'value', declaredNames(node))];
    default:
      // `'use strict'` has no effect in a module.
      return typeof node.directive === 'string' ? [] : [plainUnit(file, node, 'statement', hoistedNames(node))];
  }
}

function defaultUnit(file: FileContext, node: Node): readonly Unit[] {
  if (isErased(node)) return [];
  const named = /^(Function|Class)Declaration$/.test(node.type) && child(node, 'id');
  const binds = [named ? text(named, 'name') : DEFAULT];
  if (isClass(node)) return [classUnit(file, node, binds)];
  return [plainUnit(file, node, isFunction(unwrap(node)) ? 'function' : 'value', binds)];
}

function variableUnit(file: FileContext, declaration: Node, node: Node): Unit {
  const id = need(node, 'id');
  const init = child(node, 'init');
  const inner = init && unwrap(init);
  const binds = boundNames(id);
  if (inner && isClass(inner) && id.type === 'Identifier') {
    const own = isAnonymous(inner) ? ` ${text(id, 'name')}` : '';
    return classUnit(file, inner, binds, `${text(declaration, 'kind')}${own}`);
  }
  const kind = inner && id.type === 'Identifier' ? valueKind(inner) : 'value';
  return plainUnit(
    file,
    node,
    declaration.kind === 'const' ? kind : reassignableKind(kind),
    binds,
    text(declaration, 'kind'),
  );
}

/** Classifies a value by its initialiser. */
function valueKind(init: Node): Unit['kind'] {
  if (isFunction(init)) return 'function';
  if (init.type === 'Literal' || init.type === 'TemplateLiteral') return init.regex ? 'value' : 'constant';
  if (init.type === 'UnaryExpression' || init.type === 'BinaryExpression') return 'constant';
  if (init.type === 'ArrayExpression') return 'container';
  const isNew = init.type === 'NewExpression' && need(init, 'callee').type === 'Identifier';
  return isNew && /^(Weak)?(Map|Set)$|^Array$/.test(text(need(init, 'callee'), 'name')) ? 'container' : 'value';
}

/** The kind of a variable that may be assigned again. */
function reassignableKind(kind: Unit['kind']): Unit['kind'] {
  return kind === 'constant' || kind === 'function' ? 'value' : kind;
}

function plainUnit(file: FileContext, node: Node, kind: Unit['kind'], binds: readonly string[], token?: string): Unit {
  const walker = new Walker(file, 'other');
  walker.binds = binds;
  if (token !== undefined) walker.out.token(token);
  walker.visit(node);
  const part = walker.part(node);
  const deeds = deedsOfUnit({ file, refs: part.refs, line: part.line, binds }, node);
  return { ...part, ...deeds, kind, binds, label: labelOf(node, binds) };
}

function labelOf(node: Node, [name]: readonly string[]): string {
  if (name === DEFAULT) return 'default';
  return name ?? node.type.replace(/(Statement|Expression)$/, '').toLowerCase();
}

function classUnit(file: FileContext, node: Node, binds: readonly string[], token = ''): Unit {
  const shape = shapeClass(file, node);
  return {
    own: digestOfParts(['class', token, ...partsOf(shape)]),
    line: file.lineOf(node.start),
    refs: [],
    facts: {},
    kind: 'class',
    binds,
    label: labelOf(node, binds),
    shape,
  };
}

function partsOf({ header, members }: ClassShape): readonly string[] {
  return [header.own, ...members.flatMap(({ own, options }) => (options ? [own, options.own] : [own]))];
}

/** The `var` names that a statement hoists to the top scope. */
function hoistedNames(node: Node): readonly string[] {
  if (isFunction(node) || isClass(node)) return [];
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredNames(node) : [];
  return [...new Set([...own, ...children(node).flatMap(hoistedNames)])];
}

/** Splits a top-level class into its header and its members, each with a hash of its own. */
function shapeClass(file: FileContext, node: Node): ClassShape {
  const members = membersOf(node);
  const named = members.filter(hasName);
  const base = child(node, 'superClass');
  const name = base && baseName(unwrap(base));
  return {
    ...(name ? { base: name } : {}),
    opaqueBase: base !== undefined && !name,
    header: readHeader(
      file,
      node,
      members.filter((member) => !hasName(member)),
    ),
    members: named.map((member) => readPart(file, node, member)),
  };
}

function baseName(base: Node): ClassShape['base'] {
  if (base.type === 'Identifier') return { name: text(base, 'name') };
  if (base.type !== 'MemberExpression') return undefined;
  const [object, member] = [unwrap(need(base, 'object')), memberName(base)];
  return object.type === 'Identifier' && member !== undefined ? { name: text(object, 'name'), member } : undefined;
}

/**
 * True for members that can be looked up by name. Static fields and blocks run when the class is made, so they belong
 * to its header.
 */
function hasName(member: Node): boolean {
  if (member.type === 'StaticBlock' || member.computed === true) return false;
  return member.static !== true || member.type === 'MethodDefinition';
}

function readHeader(file: FileContext, node: Node, members: readonly Node[]): Part {
  const walker = classWalker(file, node, 'static');
  walker.self = 'other';
  readClassHead(walker, node);
  for (const member of members) readMember(walker, member, isStatic(member) ? 'static' : 'instance');
  const part = walker.part(node);
  return {
    ...part,
    ...deedsOfHeader({ file, refs: part.refs, line: part.line, binds: [] }, node, walker.scope, members),
  };
}

function isStatic(member: Node): boolean {
  return member.static === true || member.type === 'StaticBlock';
}

function classWalker(file: FileContext, node: Node, self: This): Walker {
  const walker = new Walker(file, self, file.scopes.get(node) ?? file.top);
  walker.path.push(node, need(node, 'body'));
  return walker;
}

function readPart(file: FileContext, node: Node, member: Node): Member {
  const walker = classWalker(file, node, 'other');
  readMember(walker, member, isStatic(member) ? 'static' : 'instance');
  const key = need(member, 'key');
  const name = key.type === 'PrivateIdentifier' ? `#${text(key, 'name')}` : nameOf(key);
  const isMethod = member.type === 'MethodDefinition';
  const part = walker.part(member);
  return {
    ...part,
    ...deedsOfMember({ file, refs: part.refs, line: part.line, binds: [] }, member, walker.scope),
    name,
    kind: !isMethod ? 'field' : member.kind === 'constructor' ? 'constructor' : 'method',
    static: member.static === true,
    ...readOptions(file, node, member),
    remade: !isMethod && isRemade(member, name),
  };
}

function readOptions(file: FileContext, node: Node, member: Node): Pick<Member, 'options'> {
  const walker = classWalker(file, node, 'other');
  const steps = list(member, 'decorators').filter((each) => isFrameworkDecoratorIn(file, each, 'step'));
  if (steps.length === 0) return {};
  for (const each of steps) readStepDecorator(walker, each);
  const part = walker.part(member);
  return {
    options: { ...part, ...deedsOfOptions({ file, refs: part.refs, line: part.line, binds: [] }, steps, walker.scope) },
  };
}

/** True if every task makes the field anew. Any other field is an artifact and comes by value. */
function isRemade(member: Node, name: string): boolean {
  if (name.startsWith('#') || member.type === 'AccessorProperty' || list(member, 'decorators').length > 0) return true;
  const value = child(member, 'value');
  const inner = value && unwrap(value);
  return inner !== undefined && (isFunction(inner) || inner.type === 'ClassExpression');
}
