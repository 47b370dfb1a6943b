import { type Reference, VarveError } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, extendScope, isLoss } from '../../store/index.ts';
import type { ForeachFrame } from '../plan/frame.ts';
import type { Job } from '../plan/job.ts';
import {
  type Action,
  createPlan,
  decide,
  expand,
  type Plan,
  type PlanProblem,
  settle,
  startPlan,
} from '../plan/plan.ts';
import type { Elements } from '../plan/ports.ts';
import type { LoopContext } from './loop-context.ts';

/** Called with the actions of the plan that concern tasks. */
export interface PlanCallbacks {
  /** The task may start. */
  ready(job: Job): void;
  /** The step is skipped in this frame. */
  skipped(step: GraphStep, frame: ForeachFrame): void;
  /** The step cannot start: the data does not fit the graph, or could not be read. */
  refused(job: Job, error: unknown): void;
}

/** Tells the plan which tasks have ended, and carries out the actions it returns. */
export class PlanDriver {
  private readonly plan: Plan;

  constructor(
    graph: Graph,
    private readonly context: LoopContext,
    private readonly on: PlanCallbacks,
  ) {
    this.plan = createPlan(graph);
  }

  get root(): ForeachFrame {
    return this.plan.root;
  }

  /** Starts the first steps from the root artifacts. */
  start(artifacts: ArtifactScope): void {
    this.apply(startPlan(this.plan, artifacts));
  }

  done(job: Job, artifacts: ArtifactScope): void {
    this.apply(settle(this.plan, job.step, job.frame, { status: 'done', artifacts }));
  }

  /** A failure starts nothing; steps that do not depend on it go on. */
  failed(job: Job): void {
    settle(this.plan, job.step, job.frame, { status: 'failed' });
  }

  private apply(actions: readonly Action[]): void {
    for (const action of actions) this.act(action);
  }

  private act(action: Action): void {
    const { step, frame } = action;
    if (action.type === 'run') this.on.ready({ step, frame, artifacts: action.artifacts, attempt: 1 });
    else if (action.type === 'skip') {
      this.on.skipped(step, frame);
      this.context.recorder.skipped(step, frame, action.reason);
    } else if (action.type === 'reject') this.refuse(step, frame, problemError(step, action.problem));
    else if (action.type === 'test') this.test(action);
    else this.expand(action);
  }

  private expand(action: Action & { type: 'expand' }): void {
    const { ports, recorder, rewind } = this.context;
    const { step, frame } = action;
    const list = rewind.current(action.list);
    const use = (elements: Elements) => {
      const fault = this.forceFault(step, elements.labels);
      if (fault) return this.refuse(step, frame, fault);
      recorder.expanded(step, frame, elements);
      this.apply(expand(this.plan, { ...action, list }, elements));
    };
    this.ask(action, list, ports.values.expand(list, step.foreach ?? ''), use);
  }

  /** Only now it is known which elements there are. Those within an element of another foreach are not looked for. */
  private forceFault({ name, scope }: GraphStep, labels: readonly string[]): VarveError | undefined {
    const { force } = this.context.options.cache?.settings ?? { force: [] };
    if (scope.length > 1) return undefined;
    const inside = this.plan.graph.steps.filter((step) => step.scope.length === 1 && step.scope[0] === name);
    const isThere = (label: string) => labels.includes(label) || labels.some((_, index) => label === String(index));
    const wrong = force.find(
      ({ step, label }) => label !== undefined && inside.some((one) => one.name === step) && !isThere(label),
    );
    return wrong && noSuchElement(`${wrong.step}[${wrong.label}]`, name, labels);
  }

  private test(action: Action & { type: 'test' }): void {
    const { ports, rewind } = this.context;
    const { when } = action.step;
    const flag = rewind.current(action.flag);
    const reason = `${when?.artifact} is not ${when?.text ?? 'set'}`;
    const use = (holds: boolean) => this.apply(decide(this.plan, action, holds, reason));
    this.ask(action, flag, ports.values.test(flag, when?.values), use);
  }

  /** Uses the answer when it comes. When the artifact is lost, the action is tried again once it is there anew. */
  private ask<T>(action: Action, about: Reference, question: Promise<T>, use: (answer: T) => void): void {
    const { pending, rewind } = this.context;
    pending.track(question, use, (error) => {
      const failed = () => this.refuse(action.step, action.frame, error);
      const then = { again: () => this.act(action), failed };
      if (!(isLoss(error) && rewind.recover(about.digest, about, then))) failed();
    });
  }

  private refuse(step: GraphStep, frame: ForeachFrame, error: unknown): void {
    this.on.refused({ step, frame, artifacts: extendScope(undefined, {}), attempt: 1 }, withLocation(error, step));
  }
}

/** Elements beyond which only the range is named. */
const NAMED_MAX = 8;

function noSuchElement(forced: string, step: string, labels: readonly string[]): VarveError {
  const range = labels.length === 1 ? '[0]' : `[0] to [${labels.length - 1}]`;
  const message = `--force ${forced}: there is no such element`;
  if (labels.length === 0)
    return new VarveError('VARVE_CACHE_OPTION', message, { hint: `${step} has no elements in this run.` });
  const hasNames = labels.length <= NAMED_MAX && !labels.some((label) => /^\d|#/.test(label));
  const names = hasNames ? `, by name ${labels.join(', ')}` : '';
  return new VarveError('VARVE_CACHE_OPTION', message, { hint: `${step} has ${range}${names}.` });
}

/** Adds the step's location: the error comes from where the value was read, which does not know the step. */
function withLocation(error: unknown, { location }: GraphStep): unknown {
  if (!location || !VarveError.is(error) || error.location) return error;
  const { code, message, hint, findings } = error;
  return new VarveError(code, message, { location, findings, cause: error.cause, ...(hint !== undefined && { hint }) });
}

/** The error that users see when the data does not fit the graph. */
function problemError(step: GraphStep, problem: PlanProblem): VarveError {
  const { name } = problem;
  const location = step.location ? { location: step.location } : {};
  if (problem.kind === 'conflict') {
    const branches = (problem.branches ?? []).join(' and ');
    return new VarveError(
      'VARVE_BRANCHES_DIFFER',
      `${step.name} needs '${name}', but ${branches} left different values of it`,
      {
        ...location,
        hint: `Choose one in the step that joins them: this.${name} = inputs.${problem.branches?.[0] ?? 'branch'}.${name}`,
      },
    );
  }
  const use = problem.kind === 'missing-list' ? `foreach: '${name}'` : `when: '${name}'`;
  const parents = step.parents.join(', ') || 'the initialisers';
  return new VarveError(
    'VARVE_ARTIFACT_NOT_SET',
    `${step.name} has ${use}, but nothing has set '${name}' when ${parents} had finished`,
    {
      ...location,
      hint: `Assign this.${name} in ${step.parents[0] ?? 'the class body'}, or correct the name.`,
    },
  );
}
