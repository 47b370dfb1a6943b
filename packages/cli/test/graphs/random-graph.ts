import fc from 'fast-check';
import { CONDITIONS, type ConditionName, LISTS, type ListName, type Node, type Nodes, scopesOf } from './graph-data.ts';

const wish = fc.record({
  kind: fc.constantFrom(
    'root',
    'linear',
    'linear',
    'linear',
    'foreach',
    'foreach',
    'branches',
    'branches',
    'join',
    'join',
  ),
  /** Index among the possible parents. */
  first: fc.nat(20),
  second: fc.nat(20),
  list: fc.constantFrom(...(Object.keys(LISTS) as ListName[])),
  when: fc.option(fc.constantFrom(...(Object.keys(CONDITIONS) as ConditionName[])), { freq: 4, nil: undefined }),
});
type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;

/** Generates any valid graph of at most ten steps, with foreach steps nested at most two deep. */
export const anyGraph: fc.Arbitrary<Nodes> = fc
  .array(wish, { minLength: 1, maxLength: 9, size: 'max' })
  .map((wishes) => {
    const nodes: Node[] = [{ name: 'first' }];
    for (const [i, one] of wishes.entries()) nodes.push(nodeFor(one, nodes, `s${i}`));
    return nodes;
  });

/** The generated kind of step, or a linear one where that does not fit. */
function nodeFor({ kind, first, second, list, when }: Wish, nodes: Nodes, name: string): Node {
  const scopes = scopesOf(nodes);
  const depth = (node: Node) => scopes.get(node.name)?.length ?? 0;
  const on = pick(nodes, first);
  const condition = when === undefined ? {} : { when };
  if (kind === 'root') return { name };
  if (kind === 'foreach' && depth(on) < 2) return { name, after: on.name, foreach: list, ...condition };
  if (kind === 'join') {
    const inside = nodes.filter((node) => depth(node) > 0);
    if (inside.length > 0) return { name, join: pick(inside, first).name, ...condition };
  }
  const beside = nodes.filter((node) => node !== on && String(scopes.get(node.name)) === String(scopes.get(on.name)));
  if (kind === 'branches' && beside.length > 0)
    return { name, after: [on.name, pick(beside, second).name], ...condition };
  return { name, after: on.name, ...condition };
}

function pick(nodes: Nodes, which: number): Node {
  return nodes[which % nodes.length] as Node;
}
