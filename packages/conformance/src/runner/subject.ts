import type { CodeLocation, Reference, TaskOutcome, TaskRunner, TaskSpec, WrittenArtifact } from '@varve/core/contract';

/** A runner, and what it takes to give it tasks and to see what they wrote. */
export interface RunnerSubject {
  readonly runner: TaskRunner;
  /** Where the runner finds `runnerFlow`, compiled. */
  readonly code: CodeLocation;
  /** Stores a value where the runner's tasks find it. */
  store(value: unknown): Promise<Reference>;
  /** The value of an artifact that a task wrote. */
  load(artifact: WrittenArtifact): Promise<unknown>;
}

/** The flow that the cases run: compile it, and put it where the runner looks. */
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

/** What a case may need of a runner: that a task cannot hurt it. */
export function runnerHas({ runner }: RunnerSubject, need: string): boolean {
  return need === 'isolation' && runner.capabilities.isolation !== 'none';
}

/** One attempt of a step of `runnerFlow`. */
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

/** What a task wrote, by name; an error when it failed. */
export async function written(subject: RunnerSubject, outcome: TaskOutcome): Promise<Record<string, unknown>> {
  if (!outcome.ok) throw new Error(`the task failed: ${outcome.error.name}: ${outcome.error.message}`);
  const values = Object.entries(outcome.writes).map(
    async ([name, artifact]) => [name, await subject.load(artifact)] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

/** A failed outcome; an error when it succeeded. */
export function failure(outcome: TaskOutcome): Extract<TaskOutcome, { readonly ok: false }> {
  if (outcome.ok) throw new Error('the task succeeded; it must fail');
  return outcome;
}
