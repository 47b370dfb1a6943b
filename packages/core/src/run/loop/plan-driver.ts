import { type Reference, VarveError } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { type ArtifactScope, extendScope } from '../../store/index.ts';

import type { ForeachFrame } from '../plan/frame.ts';
import type { Job, PendingWork } from '../plan/job.ts';

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
import type { Elements, ValuePort } from '../plan/ports.ts';
import type { Recorder } from './recorder.ts';
import type { Recovery } from './recovery.ts';

/** What the plan's wishes turn into. */
export interface PlanHost {
  readonly values: ValuePort;
  readonly recorder: Recorder;
  readonly pending: PendingWork;
  /** A task may start. */
  ready(job: Job): void;
  /** A condition passes a step by. */
  skipped(step: GraphStep, frame: ForeachFrame): void;
  /** A step cannot start: its data does not fit the graph. */
  refused(job: Job, error: unknown): void;
  /** What is now read in the place of an artifact that had to be made again. */
  current(reference: Reference): Reference;
  /** Whether an artifact whose bytes could not be read is made again: then one of the two is called in the end. */
  recover(lost: Reference, error: unknown, then: Recovery): boolean;
}

/** Tells the plan what has happened, and does what it asks for in return. */
export class PlanDriver {
  private readonly plan: Plan;

  constructor(
    graph: Graph,
    private readonly host: PlanHost,
  ) {
    this.plan = createPlan(graph);
  }

  get root(): ForeachFrame {
    return this.plan.root;
  }

  /** The root artifacts are there. */
  start(env: ArtifactScope): void {
    this.apply(startPlan(this.plan, env));
  }

  done(job: Job, env: ArtifactScope): void {
    this.apply(settle(this.plan, job.step, job.frame, { status: 'done', env }));
  }

  /** Nothing starts after a failure; what does not hang on it goes on. */
  failed(job: Job): void {
    settle(this.plan, job.step, job.frame, { status: 'failed' });
  }

  private apply(actions: readonly Action[]): void {
    for (const action of actions) this.act(action);
  }

  private act(action: Action): void {
    const { step, frame } = action;
    if (action.type === 'run') this.host.ready({ step, frame, env: action.env, attempt: 1 });
    else if (action.type === 'skip') {
      this.host.skipped(step, frame);
      this.host.recorder.skipped(step, frame, action.reason);
    } else if (action.type === 'reject') this.refuse(step, frame, problemError(step, action.problem));
    else if (action.type === 'test') this.test(action);
    else this.split(action);
  }

  private split(action: Action & { type: 'expand' }): void {
    const { step, frame } = action;
    const list = this.host.current(action.list);
    const use = (elements: Elements) => {
      this.host.recorder.expanded(step, frame, elements);
      this.apply(expand(this.plan, { ...action, list }, elements));
    };
    this.ask(action, list, this.host.values.expand(list, step.foreach ?? ''), use);
  }

  private test(action: Action & { type: 'test' }): void {
    const { when } = action.step;
    const flag = this.host.current(action.flag);
    const reason = `${when?.artifact} is not ${when?.text ?? 'set'}`;
    const use = (holds: boolean) => this.apply(decide(this.plan, action, holds, reason));
    this.ask(action, flag, this.host.values.test(flag, when?.values), use);
  }

  private ask<T>(action: Action, about: Reference, question: Promise<T>, use: (answer: T) => void): void {
    this.host.pending.track(question, use, (error) => {
      const failed = () => this.refuse(action.step, action.frame, error);
      if (!this.host.recover(about, error, { again: () => this.act(action), failed })) failed();
    });
  }

  private refuse(step: GraphStep, frame: ForeachFrame, error: unknown): void {
    this.host.refused({ step, frame, env: extendScope(undefined, {}), attempt: 1 }, withLocation(error, step));
  }
}

/** Who looked at the value did not know which step asked. */
function withLocation(error: unknown, { location }: GraphStep): unknown {
  if (!location || !VarveError.is(error) || error.location) return error;
  const { code, message, hint, findings } = error;
  return new VarveError(code, message, { location, findings, cause: error.cause, ...(hint !== undefined && { hint }) });
}

/** What the user reads when the data does not fit the graph. */
export function problemError(step: GraphStep, problem: PlanProblem): VarveError {
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
