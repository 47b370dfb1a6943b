import { assignedBy, assigns } from './assignments.ts';
import { boundNames, namespaceName } from './bindings.ts';
import { child, isFunction, list, type Node, nameOf, need } from './node.ts';
import { children, isErased } from './shape.ts';

/** A name that code can refer to. */
export interface Binding {
  readonly name: string;
  /** Declared at the top of the file, or imported. */
  readonly top: boolean;
  /** Visible from outside by its name, as in a namespace or an enum. */
  readonly shown: boolean;
  /** Given another value than that of its one declaration: `data` if it is always a primitive. */
  assigned?: 'data' | 'any';
}

/** The names declared in one block, function or file. */
export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(
    readonly kind: 'program' | 'function' | 'body' | 'block' | 'namespace' | 'enum',
    readonly parent?: Scope,
  ) {}

  declare(name: string): void {
    if (this.#names.has(name)) return;
    const shown = this.kind === 'namespace' || this.kind === 'enum';
    this.#names.set(name, { name, top: this.kind === 'program', shown });
  }

  /** A `var` belongs to the body of the enclosing function, where a parameter of that name is the same variable. */
  declareVar(name: string): void {
    if (this.kind === 'block' || this.kind === 'enum') return this.parent?.declareVar(name);
    const parameters = this.kind === 'body' ? this.parent : undefined;
    if (!parameters?.has(name)) this.declare(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.parent?.find(name);
  }
}

/** The scope that each node opens. */
export type Scopes = ReadonlyMap<Node, Scope>;

/** Collects every declaration of a file before references are read: functions and `var` may be used earlier. */
export function buildScopes(program: Node): Scopes {
  const scopes = new Map<Node, Scope>();
  const assignments: (readonly [node: Node, scope: Scope])[] = [];
  const visit = (node: Node, scope: Scope): void => {
    if (isErased(node)) return;
    declareNames(node, scope);
    const inner = scopeInside(node, scope);
    if (inner !== scope) scopes.set(node, inner);
    if (assigns(node)) assignments.push([node, inner]);
    for (const next of children(node)) visit(next, inner);
  };
  const top = new Scope('program');
  scopes.set(program, top);
  for (const statement of list(program, 'body')) visit(statement, top);
  for (const [node, scope] of assignments) noteAssigned(node, scope);
  return scopes;
}

function declareNames(node: Node, scope: Scope): void {
  switch (node.type) {
    case 'VariableDeclaration':
      for (const name of list(node, 'declarations').flatMap((each) => boundNames(need(each, 'id')))) {
        if (node.kind === 'var') scope.declareVar(name);
        else scope.declare(name);
      }
      break;
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration': {
      const id = child(node, 'id');
      const known = id && scope.has(nameOf(id)) ? scope.find(nameOf(id)) : undefined;
      if (known) known.assigned = 'any';
      if (id) scope.declare(nameOf(id));
      break;
    }
    case 'TSModuleDeclaration':
      scope.declare(namespaceName(node));
      break;
    case 'TSImportEqualsDeclaration':
      scope.declare(nameOf(need(node, 'id')));
      break;
    case 'ImportDeclaration':
      for (const each of list(node, 'specifiers')) scope.declare(nameOf(need(each, 'local')));
      break;
  }
}

function scopeInside(node: Node, scope: Scope): Scope {
  if (isFunction(node)) return openFunction(node, scope);
  switch (node.type) {
    case 'BlockStatement':
      return scope.kind === 'function' ? new Scope('body', scope) : new Scope('block', scope);
    case 'StaticBlock':
      return new Scope('body', scope);
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'SwitchStatement':
      return new Scope('block', scope);
    case 'CatchClause':
      return openWith(new Scope('block', scope), child(node, 'param'));
    case 'ClassExpression':
      return openWith(new Scope('block', scope), child(node, 'id'));
    case 'TSModuleBlock':
      return new Scope('namespace', scope);
    case 'TSEnumBody': {
      const inner = new Scope('enum', scope);
      for (const member of list(node, 'members')) inner.declare(nameOf(need(member, 'id')));
      return inner;
    }
    default:
      return scope;
  }
}

function openFunction(node: Node, scope: Scope): Scope {
  const inner = new Scope('function', scope);
  const id = child(node, 'id');
  if (id && node.type === 'FunctionExpression') inner.declare(nameOf(id));
  for (const parameter of list(node, 'params')) {
    for (const name of boundNames(parameter)) inner.declare(name);
  }
  return inner;
}

function openWith(scope: Scope, pattern: Node | undefined): Scope {
  for (const name of pattern ? boundNames(pattern) : []) scope.declare(name);
  return scope;
}

/** Marks the variables that a node assigns. */
function noteAssigned(node: Node, scope: Scope): void {
  const { names, isPrimitive } = assignedBy(node);
  for (const name of names) {
    const binding = scope.find(name);
    if (binding) binding.assigned = isPrimitive && binding.assigned !== 'any' ? 'data' : 'any';
  }
}
