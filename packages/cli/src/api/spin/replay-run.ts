import {
  type Action,
  type ArtifactScope,
  createPlan,
  decide,
  ElementMatcher,
  expand,
  extendScope,
  type ForeachFrame,
  type Graph,
  type GraphStep,
  isSuccessful,
  namesOf,
  type Plan,
  type RunState,
  settle,
  startPlan,
  type TaskNames,
  type TaskState,
  taskName,
  type ValuePort,
} from '@varve/core/internal';

/** A task of the step that is looked for, with everything it would start from. */
export interface ReachedTask extends TaskNames {
  readonly step: GraphStep;
  readonly frame: ForeachFrame;
  readonly env: ArtifactScope;
  /** Its state in that run. */
  readonly then: TaskState | undefined;
}

export interface Walk {
  readonly reached: readonly ReachedTask[];
  /** Why other tasks of the step were not reached, for people: `clean failed`. */
  readonly blocked: readonly string[];
}

/** Replays a past run up to a step, without executing anything, to find the artifacts that tasks of the step start from. */
export async function replayRun(
  graph: Graph,
  past: Pick<RunState, 'tasks' | 'elements'>,
  root: ArtifactScope,
  values: Pick<ValuePort, 'expand' | 'test'>,
  target: string,
): Promise<Walk> {
  const plan = createPlan({ ...graph, steps: leadingTo(graph, target) });
  const matcher = new ElementMatcher(past.elements);
  const reached: ReachedTask[] = [];
  const blocked: string[] = [];
  const actions = startPlan(plan, root);
  for (let at = 0; at < actions.length; at++) {
    const action = actions[at] as Action;
    const { step, frame } = action;
    const names = namesOf(step, frame);
    if (action.type === 'run') {
      const place = matcher.of(frame);
      const then = place && past.tasks.get(taskName(step.name, place));
      if (step.name === target) reached.push({ ...names, step, frame, env: action.artifacts, then });
      else pass(plan, action, then, actions, blocked);
    } else if (action.type === 'reject')
      blocked.push(`nothing usable was in '${action.problem.name}' for ${names.label}`);
    else if (action.type === 'skip') blocked.push(`${names.label} was skipped: ${action.reason}`);
    else for (const next of await answer(plan, action, values)) actions.push(next);
  }
  return { reached, blocked };
}

/** Ends a task before the target as it had ended then. */
function pass(
  plan: Plan,
  { step, frame, artifacts }: Action & { readonly type: 'run' },
  then: TaskState | undefined,
  actions: Action[],
  blocked: string[],
): void {
  const { label } = namesOf(step, frame);
  if (then && isSuccessful(then.status)) {
    const left = extendScope(artifacts, then.writes, then.deletes);
    for (const next of settle(plan, step, frame, { status: 'done', artifacts: left })) actions.push(next);
  } else blocked.push(then === undefined ? `${label} had not run` : `${label} had not finished: ${then.status}`);
}

async function answer(
  plan: Plan,
  action: Action & { readonly type: 'expand' | 'test' },
  values: Pick<ValuePort, 'expand' | 'test'>,
): Promise<Action[]> {
  if (action.type === 'expand') {
    return expand(plan, action, await values.expand(action.list, action.step.foreach ?? ''));
  }
  const { when } = action.step;
  const holds = await values.test(action.flag, when?.values);
  return decide(plan, action, holds, `${when?.artifact} is not ${when?.text ?? 'set'}`);
}

/** The step and all before it. */
function leadingTo({ steps }: Graph, target: string): GraphStep[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const needed = new Set<string>();
  const queue = [target];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    queue.push(...(byName.get(name)?.parents ?? []));
  }
  return steps.filter(({ name }) => needed.has(name));
}
