import type { SourceLocation } from '@varve/core/contract';

/** Finds the line of a setting: where it is written, else the nearest place above it. `undefined` without any. */
export type Locate = (path: readonly string[]) => SourceLocation | undefined;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

const NOWHERE: Locate = () => undefined;

/** Prepares to find settings in the text of a config. What is computed there is not followed. */
export async function locateSettings(file: string, text: string): Promise<Locate> {
  const program = await parse(file, text);
  if (program === undefined) return NOWHERE;
  const tree = new ConfigTree(program);
  return (path) => {
    const node = tree.find(path);
    return node && placeOf(file, text, node.start);
  };
}

/** Finds the line where a file imports a name, from wherever. */
export async function locateImport(file: string, text: string, name: string): Promise<SourceLocation | undefined> {
  const program = await parse(file, text);
  const imports = ((program?.body ?? []) as Node[]).filter(({ type }) => type === 'ImportDeclaration');
  const found = imports
    .flatMap(({ specifiers }) => specifiers as Node[])
    .find(({ imported }) => (imported as Node | undefined)?.name === name);
  return found && placeOf(file, text, found.start);
}

/** There is no parser for every platform. */
async function parse(file: string, text: string): Promise<Node | undefined> {
  try {
    const { parseSync } = await import('oxc-parser');
    const lang = /ts$/.test(file) ? 'ts' : 'js';
    const { program, errors } = parseSync(file, text, { lang, sourceType: 'module', preserveParens: false });
    return errors.length > 0 ? undefined : (program as unknown as Node);
  } catch {
    return undefined;
  }
}

function placeOf(file: string, text: string, offset: number): SourceLocation {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The object that a module exports by default, as it is written. */
class ConfigTree {
  private readonly body: readonly Node[];
  private readonly root: Node | undefined;

  constructor(program: Node) {
    this.body = program.body as Node[];
    this.root = this.body.find(({ type }) => type === 'ExportDefaultDeclaration');
  }

  find(path: readonly string[]): Node | undefined {
    let place = this.root;
    let value = this.root?.declaration as Node | undefined;
    for (const name of path) {
      const found = value && this.member(this.resolve(value), name);
      if (found === undefined) return place;
      place = found;
      value = found.type === 'Property' ? (found.value as Node) : found;
    }
    return place;
  }

  /** The node of a property or an element; of several of one name the last, as in JavaScript. */
  private member(object: Node | undefined, name: string): Node | undefined {
    if (object?.type === 'ArrayExpression') return (object.elements as (Node | null)[])[Number(name)] ?? undefined;
    if (object?.type !== 'ObjectExpression') return undefined;
    for (const property of (object.properties as Node[]).toReversed()) {
      if (property.type === 'SpreadElement') {
        const inner = this.member(this.resolve(property.argument as Node), name);
        if (inner) return inner;
      } else if (keyOf(property) === name) return property;
    }
    return undefined;
  }

  /** Looks through `defineConfig(…)`, `as`, `satisfies`, `await` and constants of the file. */
  private resolve(node: Node, depth = 0): Node | undefined {
    if (depth > 20) return undefined;
    const inner = innerOf(node);
    if (inner) return this.resolve(inner, depth + 1);
    if (node.type !== 'Identifier') return node;
    const value = this.constant(node.name as string);
    return value && this.resolve(value, depth + 1);
  }

  private constant(name: string): Node | undefined {
    const declared = this.body.map((one) => (one.type === 'ExportNamedDeclaration' ? (one.declaration as Node) : one));
    const variables = declared.flatMap((one) =>
      one?.type === 'VariableDeclaration' ? (one.declarations as Node[]) : [],
    );
    return variables.find(({ id }) => (id as Node).name === name)?.init as Node | undefined;
  }
}

function innerOf(node: Node): Node | undefined {
  if (node.type === 'CallExpression') {
    const isDefine = (node.callee as Node).name === 'defineConfig';
    return isDefine ? (node.arguments as Node[])[0] : undefined;
  }
  if (node.type === 'AwaitExpression') return node.argument as Node;
  return /^TS(As|Satisfies|NonNull)Expression$/.test(node.type) ? (node.expression as Node) : undefined;
}

function keyOf({ key, computed }: Node): string | undefined {
  const { type, name, value } = key as Node;
  if (computed === true && type !== 'Literal') return undefined;
  return type === 'Identifier' ? (name as string) : String(value);
}
