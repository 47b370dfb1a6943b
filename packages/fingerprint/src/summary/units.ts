import { boundNames, children } from '../ast/declare.ts';
import { child, isAnonymous, isClass, isFunction, list, type Node, need, text, unwrap } from '../ast/node.ts';
import { isErased } from '../ast/shape.ts';
import { digestOfParts } from '../format.ts';
import { shapeClass } from './class-parts.ts';
import { keptParameters } from './kept-parameters.ts';
import { DEFAULT, declaredNames } from './module-table.ts';
import type { ClassShape, Unit } from './summary.ts';
import { type FileContext, Walker } from './walk/walker.ts';
import { handingCall } from './wrapper-calls.ts';

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
      // `'use strict'` says nothing in a module.
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
  return plainUnit(file, node, declaration.kind === 'const' ? kind : notFixed(kind), binds, text(declaration, 'kind'));
}

/** What is known of a value by how it is written. */
function valueKind(init: Node): Unit['kind'] {
  if (isFunction(init)) return 'function';
  if (init.type === 'Literal' || init.type === 'TemplateLiteral') return init.regex ? 'value' : 'constant';
  if (init.type === 'UnaryExpression' || init.type === 'BinaryExpression') return 'constant';
  if (init.type === 'ArrayExpression') return 'container';
  const isNew = init.type === 'NewExpression' && need(init, 'callee').type === 'Identifier';
  return isNew && /^(Weak)?(Map|Set)$|^Array$/.test(text(need(init, 'callee'), 'name')) ? 'container' : 'value';
}

/** A variable that may be given another value. */
function notFixed(kind: Unit['kind']): Unit['kind'] {
  return kind === 'constant' || kind === 'function' ? 'value' : kind;
}

function plainUnit(file: FileContext, node: Node, kind: Unit['kind'], binds: readonly string[], token?: string): Unit {
  const walker = new Walker(file, 'other');
  walker.binds = binds;
  if (token !== undefined) walker.out.token(token);
  const call = token === 'const' ? handingCall(file, node) : undefined;
  walker.handed = call?.nodes ?? [];
  walker.visit(node);
  const keeps = kind === 'function' ? keptParameters(functionOf(node)) : [];
  return {
    ...walker.part(node),
    kind,
    binds,
    label: labelOf(node, binds),
    ...(keeps.length > 0 && { keeps }),
    ...(call && { handsTo: call.to }),
  };
}

/** The function that a declaration, a variable or a default export is. */
function functionOf(node: Node): Node {
  return node.type === 'VariableDeclarator' ? unwrap(need(node, 'init')) : unwrap(node);
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

/** The `var` names that a statement adds to the top scope. */
function hoistedNames(node: Node): readonly string[] {
  if (isFunction(node) || isClass(node)) return [];
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredNames(node) : [];
  return [...new Set([...own, ...children(node).flatMap(hoistedNames)])];
}
