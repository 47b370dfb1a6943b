import { expect } from 'vitest';
import type { RunEventLine } from '../../support/project.ts';
import type { Command } from './desk.ts';
import type { World } from './world.ts';

/** Outcome of one task. */
export interface SeenTask {
  readonly task: string;
  readonly step: string;
  readonly status: string;
  /** Artifacts it left, by digest: equal text for equal results. */
  readonly result: string;
  readonly reads: readonly string[];
  readonly why?: string;
  readonly error?: string;
}

export interface SeenRun {
  readonly number: number;
  readonly tasks: readonly SeenTask[];
  readonly warnings: readonly string[];
}

export interface RunOptions {
  readonly file?: string;
  /** Further arguments of `varve run`. */
  readonly args?: readonly string[];
}

interface ShownTask {
  readonly task: string;
  readonly step: string;
  readonly status: string;
  readonly reads: readonly string[];
  readonly writes: Readonly<Record<string, { readonly digest: string; readonly codec: string }>>;
  readonly deletes: readonly string[];
  readonly attempts: readonly { readonly error?: { readonly message: string } }[];
}

/** Runs a flow through the command, reads it back with `varve show`, and returns the outcome of each task. */
export async function runWorld(varve: Command, world: World, options: RunOptions = {}): Promise<SeenRun> {
  const { file = 'flow.ts', args = [] } = options;
  const up = world.cwd === undefined ? '' : '../'.repeat(world.cwd.split('/').length);
  const { stdout, stderr } = await varve(['run', `${up}${file}`, '--json', ...args], world.env, world.cwd);
  const events = stdout
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as RunEventLine);
  const started = events.find(({ type }) => type === 'run-started');
  if (!started) expect.fail(`the run has not started: ${stdout}${stderr}`);
  const run = `${started.flow}/${started.number}`;
  const shown = await varve(['show', run, '--json'], world.env);
  if (shown.code !== 0) expect.fail(`varve show ${run}: ${shown.stdout}${shown.stderr}`);
  const { tasks } = (JSON.parse(shown.stdout) as { run: { tasks: readonly ShownTask[] } }).run;
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [String(event.message)] : []));
  return { number: Number(started.number), tasks: tasks.map((task) => seen(task, events)), warnings };
}

function seen(task: ShownTask, events: readonly RunEventLine[]): SeenTask {
  const writes = Object.entries(task.writes ?? {}).map(([name, { codec, digest }]) => `${name} ${codec} ${digest}`);
  const why = events.find((event) => event.type === 'task-started' && event.task === task.task)?.why;
  const error = task.attempts.at(-1)?.error?.message;
  return {
    ...{ task: task.task, step: task.step, status: task.status, reads: task.reads ?? [] },
    result: [...writes, ...(task.deletes ?? []).map((name) => `-${name}`)].sort().join('\n'),
    ...(why === undefined ? {} : { why: reasonOf(why) }),
    ...(error === undefined ? {} : { error }),
  };
}

function reasonOf(why: unknown): string {
  const { code, text } = why as { readonly code: string; readonly text: string };
  return `${code} ${text}`;
}

/** Tasks of these steps, in one run. */
export function tasksOf(run: SeenRun, steps: readonly string[]): readonly SeenTask[] {
  return run.tasks.filter(({ step }) => steps.includes(step));
}
