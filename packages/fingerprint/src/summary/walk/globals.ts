import type { Node } from '../../ast/node.ts';
import { impureCall } from '../builtins.ts';
import { Use } from '../summary.ts';
import { type Usage, usageOf } from './usage.ts';
import type { Walker } from './walker.ts';

/** Records an undeclared name and the facts that follow from its use. */
export function noteGlobal(walker: Walker, name: string, node: Node): void {
  walker.out.token(`G:${name}`);
  const usage = usageOf(walker.path, (each) => walker.find(each) === undefined);
  if (name === '__filename' || name === '__dirname') walker.out.flag('place');
  const call = impureCall(name, usage.member) ?? clockRead(walker, name, node);
  if (call) walker.out.addFact('purity', { kind: call, line: walker.line(node) });
  noteEval(walker, name, usage, node);
}

/** `eval` and `new Function` may run any code. */
function noteEval(walker: Walker, name: string, usage: Usage, node: Node): void {
  const runs =
    (name === 'eval' && usage.uses & Use.Call) || (name === 'Function' && usage.uses & (Use.Call | Use.Alias));
  if (!runs || usage.member !== undefined) return;
  walker.out.hazard({ kind: 'eval', line: walker.line(node), detail: name });
  walker.out.flag('project');
}

/** `Date()` and `new Date()` read the clock; `new Date(x)` does not. */
function clockRead(walker: Walker, name: string, node: Node): string | undefined {
  const parent = walker.path.at(-2);
  if (name !== 'Date' || !parent || parent.callee !== node) return undefined;
  const count = Array.isArray(parent.arguments) ? parent.arguments.length : 0;
  return parent.type === 'CallExpression' || count === 0 ? 'new Date()' : undefined;
}
