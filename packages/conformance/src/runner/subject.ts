import type { CodeLocation, Reference, TaskOutcome, TaskRunner, TaskSpec, WrittenArtifact } from '@varve/core/contract';

/** A runner, with access to the code and values of its tasks. */
export interface RunnerSubject {
  readonly runner: TaskRunner;
  /** The compiled `runnerFlow`. */
  readonly code: CodeLocation;
  /** Stores a value for tasks of the runner. */
  store(value: unknown): Promise<Reference>;
  /** Loads an artifact that a task wrote. */
  load(artifact: WrittenArtifact): Promise<unknown>;
}

/** Source of the flow that the cases run. Compile it, and put it where the runner finds it. */
export const runnerFlow = `import { Flow, NonRetryableError, step } from 'varve';

export default class Cases extends Flow {
  [name: string]: unknown;
  items!: number[];
  @step() assign() { this.a = 1; this.b = { text: 'x' }; }
  @step() async add() { await null; this.sum = (this.x as number) + (this.y as number); }
  @step() double() { this.twice = (this.text as string).repeat(2); }
  @step() look() { this.found = 'missing' in this; }
  @step() remove() { delete this.x; }
  @step() fail() { this.a = 1; throw new RangeError('out of range ✗'); }
  @step() refuse() { throw new NonRetryableError('never again'); }
  @step() toss() { throw 'a string'; }
  @step({ foreach: 'items' }) element(value: number, index: number) { this.got = [value, index]; }
  @step({ join: 'element' }) collect() {}
  @step() place() { this.at = [this.run.id, this.run.attempt, this.run.step]; }
  @step() draw() { this.drawn = [this.random(), this.now()]; }
  @step() swallow() { try { this.got = this.x; } catch { this.got = 0; } }
  @step() hang() { return new Promise(() => setInterval(() => {}, 1000)); }
  @step() spin() { for (;;); }
  @step() exit() { process.exit(0); }
  @step() print() { process.stdout.write('to stdout\\n'); process.stderr.write('to stderr\\n'); this.a = 1; }
  @step() unstorable() { this.handler = () => 1; }
}
`;

/** True when a runner declares a capability that cases need: `isolation`, so that a task cannot harm it. */
export function runnerHas({ runner }: RunnerSubject, need: string): boolean {
  return need === 'isolation' && runner.capabilities.isolation !== 'none';
}

/** Makes the spec of one attempt of a step of `runnerFlow`. */
export function taskOf({ code }: RunnerSubject, step: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return {
    flow: 'Cases',
    runId: '01k0000000000000000000conf',
    runNumber: 1,
    step,
    task: step,
    label: step,
    attempt: 1,
    code,
    inputs: {},
    elements: [],
    ...more,
  };
}

/** Loads the values that a task wrote, by name. Throws when it failed. */
export async function written(subject: RunnerSubject, outcome: TaskOutcome): Promise<Record<string, unknown>> {
  if (!outcome.ok) throw new Error(`the task failed: ${outcome.error.name}: ${outcome.error.message}`);
  const values = Object.entries(outcome.writes).map(
    async ([name, artifact]) => [name, await subject.load(artifact)] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

/** Returns a failed outcome. Throws when the task succeeded. */
export function failure(outcome: TaskOutcome): Extract<TaskOutcome, { readonly ok: false }> {
  if (outcome.ok) throw new Error('the task succeeded; it must fail');
  return outcome;
}
