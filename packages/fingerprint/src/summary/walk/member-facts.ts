import { memberName, type Node, text } from '../../ast/node.ts';
import type { Walker } from './walker.ts';

/** Notes what the name of a member alone says. */
export function noteMember(walker: Walker, node: Node): void {
  const name = memberName(node);
  if (name?.startsWith('toLocale')) walker.out.flag('timeZone');
  if (name === '_load' && walker.path.at(-2)?.callee === node) loadsAnything(walker, node, '_load');
}

/** Says that from here any file of the project may be loaded. */
export function loadsAnything(walker: Walker, node: Node, detail: string): void {
  walker.out.hazard({ kind: 'computed-import', line: walker.line(node), detail });
  walker.out.flag('project');
}

/** Whether a node is `import.meta.<name>`. */
export function isImportMeta(node: Node | undefined, name: string): boolean {
  if (node?.type !== 'MemberExpression' || memberName(node) !== name) return false;
  return (node.object as Node).type === 'MetaProperty';
}

/** Whether a node is the folder of the file. */
export function isOwnFolder(node: Node | undefined): boolean {
  return isImportMeta(node, 'dirname') || (node?.type === 'Identifier' && text(node, 'name') === '__dirname');
}
