import type { GraphStep } from '@varve/core/internal';

/** A step of a graph, a root unless `extra` says more. */
export function step(name: string, extra: Partial<GraphStep> = {}): GraphStep {
  const sees = { element: true, index: true };
  return { name, kind: 'root', options: {}, after: [], arity: 0, sees, parents: [], children: [], scope: [], ...extra };
}
