import type { Node } from '../../ast/node.ts';
import type { FileContext } from './walker.ts';

/** True if a `@__PURE__` comment marks the call. */
export function isMarkedPureAt({ pure, source }: Pick<FileContext, 'pure' | 'source'>, call: Node): boolean {
  return pure.some((end) => end <= call.start && source.slice(end, call.start).trim() === '');
}
