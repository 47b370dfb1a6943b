import { expect } from 'vitest';
import { Project } from '../../support/project.ts';
import { ownProcesses, sharedDesk } from './desk.ts';
import { runWorld, type SeenRun, type SeenTask } from './run-world.ts';
import { Stage, type World, withFiles } from './world.ts';

/** Statuses and results of a run, by task. */
export interface Seen {
  readonly run: SeenRun;
  /** `cached`, `succeeded` for executed, `failed`, … */
  readonly status: Readonly<Record<string, string>>;
  readonly result: Readonly<Record<string, string>>;
}

/** A project that is edited and run again and again. */
export interface Session {
  readonly project: Project;
  /** Changes files; `undefined` removes one. What steps wrote stays. */
  edit(files: Readonly<Record<string, string | undefined>>): void;
  run(
    args?: readonly string[],
    at?: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
  ): Promise<Seen>;
  /** The same without results of earlier runs. */
  fresh(
    args?: readonly string[],
    at?: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
  ): Promise<Seen>;
}

/** Opens a project with a flow of these members in `flow.ts`. */
export function session(
  members: string,
  files: Readonly<Record<string, string>> = {},
  top = '',
  processes = false,
): Session {
  const project = new Project();
  const stage = new Stage(project);
  const varve = processes ? ownProcesses(project) : sharedDesk(project);
  const head = `import { artifact, Flow, param, step } from 'varve';\nimport fs from 'node:fs';\n${top}`;
  let world: World = {
    files: { 'flow.ts': `${head}\nexport default class Between extends Flow {\n${members}\n}\n`, ...files },
    env: { VARVE_CACHE: 'rw' },
  };
  stage.place(world);
  const run: Session['run'] = async (args = [], { env = {}, cwd } = {}) =>
    seenOf(await runWorld(varve, { ...world, env: { ...world.env, ...env }, ...(cwd && { cwd }) }, { args }));
  return {
    project,
    edit(changed) {
      world = withFiles(world, changed);
      stage.place(world);
    },
    run,
    fresh: (args = [], at = {}) => run([...args, '--cache', 'off'], at),
  };
}

function seenOf(run: SeenRun): Seen {
  const by = (pick: (task: SeenTask) => string) => Object.fromEntries(run.tasks.map((task) => [task.task, pick(task)]));
  return { run, status: by(({ status }) => status), result: by(({ result }) => result) };
}

/** Expects the same results in all tasks, and says which are cached and wrong. */
export function expectSameResults(cached: Seen, fresh: Seen): void {
  const stale = Object.keys(fresh.result).filter((task) => cached.result[task] !== fresh.result[task]);
  expect(stale.map((task) => `${task} is ${cached.status[task]}, a fresh run gives another result`)).toEqual([]);
}

export const EXECUTED = 'succeeded';
export const CACHED = 'cached';
