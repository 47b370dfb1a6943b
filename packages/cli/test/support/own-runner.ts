import { type RunnerSubject, runnerFlow } from '@varve/conformance';
import { describeRunner } from '@varve/conformance/vitest';
import { ArtifactStore } from '@varve/core/internal';
import { type Preparation, prepareAt } from '@varve/runtime';
import { Project } from './project.ts';

const DEFAULTS = new URL('../../dist/default-stack.js', import.meta.url).href;

const opened: Preparation[] = [];

/** Runs every TaskRunner case on one of varve's own runners, over a project with the default plugins. */
export function describeOwnRunner(runner: 'inline' | 'threads' | 'process'): void {
  let project: Project | undefined;
  describeRunner(`the runner ${runner}`, () => {
    project ??= new Project({ 'flow.ts': runnerFlow });
    return openSubject(project, runner);
  });
}

/** Closes the engines that `describeOwnRunner` has opened. */
export async function endEngines(): Promise<void> {
  for (const prepared of opened.splice(0)) await prepared.close();
}

async function openSubject(project: Project, runner: string): Promise<RunnerSubject> {
  const prepared = await prepareAt(DEFAULTS, { file: project.path('flow.ts') }, { runner, workers: 2, graceMs: 200 });
  opened.push(prepared);
  const { stack, code, engine } = prepared;
  const serializer = await stack.get('serializer');
  const artifacts = new ArtifactStore({ store: await stack.get('datastore') });
  return {
    runner: engine.runners.runner(runner),
    code,
    store: async (value) => {
      const { codec, parts } = serializer.encode(value);
      return artifacts.put(parts, codec);
    },
    load: async ({ reference, bytes }) =>
      serializer.decode(reference.codec, bytes ?? (await artifacts.read(reference))),
  };
}
