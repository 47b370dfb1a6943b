import { memberName, type Node, need, text, unwrap } from '../../ast/node.ts';
import { isFramework } from '../../format.ts';
import type { FileContext } from './walker.ts';

/** True for a decorator of the framework, called or not; with a name for that one alone. */
export function isFrameworkDecoratorIn(file: Pick<FileContext, 'importOf'>, decorator: Node, name?: string): boolean {
  const expression = unwrap(need(decorator, 'expression'));
  const callee = expression.type === 'CallExpression' ? unwrap(need(expression, 'callee')) : expression;
  if (callee.type === 'Identifier') {
    const source = file.importOf(text(callee, 'name'));
    return source !== undefined && isFramework(source.from) && (name === undefined || source.name === name);
  }
  if (callee.type !== 'MemberExpression' || (name !== undefined && memberName(callee) !== name)) return false;
  const object = unwrap(need(callee, 'object'));
  const source = object.type === 'Identifier' ? file.importOf(text(object, 'name')) : undefined;
  return source !== undefined && isFramework(source.from) && source.name === '*';
}
