import { hostname } from 'node:os';
import type { RunView } from '@varve/client';
import type { RunRecord, RunSummary, TaskOutcome, TaskSpec } from '@varve/core/contract';
import { createRunIds, failedEntry, storedTokens, succeededEntry, VERSION } from '@varve/core/internal';
import { openAmbient, type Preparation, projectPath, sourcePackage, userName } from '@varve/runtime';
import type { ReachedTask } from './replay-run.ts';
import type { SpinSession } from './spin-session.ts';

/** One attempt and its outcome. */
export interface Attempt {
  readonly spec: TaskSpec;
  /** As they are shown to people. */
  readonly parameters: RunRecord['parameters'];
  readonly outcome: TaskOutcome;
  readonly session: Pick<SpinSession, 'unsavedOf'>;
}

/** Writes one attempt to the history: a run with a single task, which starts from everything the task saw. */
export async function keepSpin(
  prepared: Preparation,
  from: RunView,
  { step, label }: ReachedTask,
  { spec, parameters, outcome, session }: Attempt,
): Promise<RunRecord> {
  const { engine } = prepared;
  const { io, clock } = engine;
  const draft = { ...recordOf(prepared, from, step.name, label), parameters };
  const record = await io.begin({ record: draft, code: sourcePackage(prepared) });
  const path = `${from.flow}/${from.number}/init`;
  const at = clock.now();
  io.append(
    {
      ...{ type: 'task-succeeded', at, task: 'init', attempt: 1, via: 'cloned' },
      writes: spec.inputs,
      ms: 0,
      from: path,
    },
    session.unsavedOf(spec.inputs),
  );
  const ambient = openAmbient(prepared);
  await ambient.prepare(Object.keys((outcome.ok && outcome.ambient?.tokens) || {}));
  const entry = outcome.ok
    ? succeededEntry(step.name, 1, outcome, at, storedTokens(outcome.ambient, ambient))
    : failedEntry(step.name, 1, outcome, at, false);
  io.append(entry.event, entry.bytes);
  await io.end(summaryOf(outcome, label, at));
  return record;
}

function recordOf(
  prepared: Preparation,
  { record }: RunView,
  step: string,
  label: string,
): Omit<RunRecord, 'number' | 'parameters'> {
  const { setup, description, code, compilation } = prepared;
  return {
    id: createRunIds(Date.now)(),
    flow: description.name,
    tags: [],
    createdAt: Date.now(),
    user: userName(),
    host: hostname(),
    varve: VERSION,
    file: projectPath(setup, compilation.graph.entry),
    bundle: code.digest,
    graph: [{ name: step, after: [] }],
    spin: `${record.flow}/${record.number}/${label}`,
  };
}

function summaryOf(outcome: TaskOutcome, label: string, endedAt: number): RunSummary {
  if (outcome.ok) return { status: 'succeeded', endedAt, counts: { succeeded: 1 } };
  const { name, message } = outcome.error;
  const failure = `${label}: ${name}: ${message.split('\n', 1)[0] ?? ''}`;
  return { status: outcome.cancelled ? 'cancelled' : 'failed', endedAt, counts: { failed: 1 }, failure };
}
