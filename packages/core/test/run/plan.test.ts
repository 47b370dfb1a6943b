import { describe, expect, it } from 'vitest';
import type { Reference } from '../../src/contract/index.ts';
import type { Graph, GraphStep } from '../../src/flow/describe/graph.ts';
import type { ForeachFrame } from '../../src/run/plan/frame.ts';
import { type Action, createPlan, decide, expand, type Plan, settle, startPlan } from '../../src/run/plan/plan.ts';
import { extendScope } from '../../src/store/journal/artifact-scope.ts';
import { taskName } from '../../src/store/journal/task-name.ts';

const ref = (text: string): Reference => ({ digest: `sha256:${text}`, size: 1, codec: 'json/1' });
const ROOT_ARTIFACTS = extendScope(undefined, { items: ref('items'), inner: ref('inner'), flag: ref('flag') });

function step(
  name: string,
  kind: GraphStep['kind'],
  parents: string[],
  children: string[],
  extra: Partial<GraphStep> = {},
): GraphStep {
  return { name, kind, parents, children, scope: [], ...extra } as GraphStep;
}

interface Answers {
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly holds?: boolean;
  /** Tasks that fail. */
  readonly failing?: readonly string[];
}

/** Executes a plan to its end without a runner, and returns the tasks in order. */
function drive(graph: Graph, answers: Answers = {}): { ran: string[]; skipped: string[]; rejected: string[] } {
  const plan: Plan = createPlan(graph);
  const seen = { ran: [] as string[], skipped: [] as string[], rejected: [] as string[] };
  const queue: Action[] = startPlan(plan, ROOT_ARTIFACTS);
  for (let action = queue.shift(); action; action = queue.shift()) {
    const name = taskName(action.step.name, (action.frame as ForeachFrame).path);
    const labels = answers.labels?.[action.step.name] ?? [];
    if (action.type === 'expand') queue.push(...expand(plan, action, { labels, digests: labels }));
    else if (action.type === 'test') queue.push(...decide(plan, action, answers.holds ?? true, 'no'));
    else if (action.type === 'skip') seen.skipped.push(name);
    else if (action.type === 'reject') seen.rejected.push(`${name}: ${action.problem.kind}`);
    else {
      seen.ran.push(name);
      const failed = answers.failing?.includes(name);
      queue.push(
        ...settle(
          plan,
          action.step,
          action.frame,
          failed ? { status: 'failed' } : { status: 'done', artifacts: extendScope(action.artifacts, {}) },
        ),
      );
    }
  }
  return seen;
}

const foreachFlow: Graph = {
  steps: [
    step('start', 'root', [], ['work']),
    step('work', 'foreach', ['start'], ['more'], { foreach: 'items', scope: ['work'] }),
    step('more', 'linear', ['work'], ['join'], { scope: ['work'] }),
    step('join', 'foreach-join', ['more'], ['end'], { closes: 'work' }),
    step('end', 'linear', ['join'], []),
  ],
} as Graph;

describe('the plan', () => {
  it('runs each step of a diamond once, the join last', () => {
    const graph = {
      steps: [
        step('a', 'root', [], ['l', 'r']),
        step('l', 'linear', ['a'], ['j']),
        step('r', 'linear', ['a'], ['j']),
        step('j', 'branch-join', ['l', 'r'], []),
      ],
    } as Graph;
    expect(drive(graph).ran).toEqual(['a', 'l', 'r', 'j']);
  });

  it('runs one task for each element, and joins after the last one', () => {
    const { ran } = drive(foreachFlow, { labels: { work: ['x', 'y', 'z'] } });
    expect(ran).toEqual(['start', 'work[0]', 'work[1]', 'work[2]', 'more[0]', 'more[1]', 'more[2]', 'join', 'end']);
  });

  it('goes straight to the join when the list is empty', () => {
    expect(drive(foreachFlow, { labels: { work: [] } }).ran).toEqual(['start', 'join', 'end']);
  });

  it('starts no join when an element has failed, and finishes the others', () => {
    const { ran } = drive(foreachFlow, { labels: { work: ['x', 'y'] }, failing: ['work[0]'] });
    expect(ran).toEqual(['start', 'work[0]', 'work[1]', 'more[1]']);
  });

  it('runs a foreach inside a foreach, and joins each level', () => {
    const graph = {
      steps: [
        step('outer', 'foreach', [], ['inner'], { foreach: 'items', scope: ['outer'] }),
        step('inner', 'foreach', ['outer'], ['sum'], { foreach: 'inner', scope: ['outer', 'inner'] }),
        step('sum', 'foreach-join', ['inner'], ['total'], { scope: ['outer'], closes: 'inner' }),
        step('total', 'foreach-join', ['sum'], [], { closes: 'outer' }),
      ],
    } as Graph;
    const { ran } = drive(graph, { labels: { outer: ['a', 'b'], inner: ['x', 'y'] } });
    expect(ran.filter((t) => t.startsWith('inner'))).toEqual(['inner[0,0]', 'inner[0,1]', 'inner[1,0]', 'inner[1,1]']);
    expect(ran.filter((t) => t.startsWith('sum'))).toEqual(['sum[0]', 'sum[1]']);
    expect(ran.at(-1)).toBe('total');
  });

  it('skips a branch whose condition does not hold, and joins the branches that ran', () => {
    const graph = {
      steps: [
        step('a', 'root', [], ['l', 'r']),
        step('l', 'linear', ['a'], ['l2'], { when: { artifact: 'flag' } }),
        step('l2', 'linear', ['l'], ['j']),
        step('r', 'linear', ['a'], ['j']),
        step('j', 'branch-join', ['l2', 'r'], []),
      ],
    } as Graph;
    expect(drive(graph, { holds: false })).toMatchObject({ ran: ['a', 'r', 'j'], skipped: ['l', 'l2'] });
    expect(drive(graph, { holds: true }).ran.sort()).toEqual(['a', 'j', 'l', 'l2', 'r']);
  });

  it('skips the steps inside a skipped foreach, and its join', () => {
    const graph = {
      steps: foreachFlow.steps.map((s) => (s.name === 'work' ? { ...s, when: { artifact: 'flag' } } : s)),
    } as unknown as Graph;
    expect(drive(graph, { holds: false })).toMatchObject({
      ran: ['start'],
      skipped: ['work', 'more', 'join', 'end'],
    });
  });

  it('rejects a foreach over a name that no step has set', () => {
    const graph = { steps: [step('work', 'foreach', [], [], { foreach: 'nothing', scope: ['work'] })] } as Graph;
    expect(drive(graph).rejected).toEqual(['work: missing-list']);
  });
});
