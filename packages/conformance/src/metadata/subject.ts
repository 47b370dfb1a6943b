import type { MetadataProvider, RunEvent, RunListing, RunRecord, RunSummary } from '@varve/core/contract';

/** A provider, and a name that keeps the flows of a case apart. */
export interface MetadataSubject {
  readonly provider: MetadataProvider;
  /** Letters and digits, at most 20: becomes a part of the names of flows and the ids of runs. */
  readonly scope: string;
  /** Opens another handle on the same journals, as another process would. */
  readonly reopen?: () => Promise<MetadataProvider>;
}

/** True when a provider declares a capability that cases need. */
export function metadataHas(subject: MetadataSubject, need: string): boolean {
  const { conditionalAppend, selectsRuns = false } = subject.provider.capabilities;
  if (need === 'conditionalAppend') return conditionalAppend;
  if (need === 'selectsRuns') return selectsRuns;
  return need === 'reopen' && subject.reopen !== undefined;
}

/** Makes the n-th run of a flow, with every field that a run can have. */
export function makeRun({ scope }: Pick<MetadataSubject, 'scope'>, flow: string, n: number): RunRecord {
  return {
    id: `01k${String(n).padStart(6, '0')}${scope.toLowerCase()}`,
    flow,
    number: n,
    tags: ['nightly', 'größe ✓', ''],
    createdAt: 1_790_000_000_000 + n,
    user: 'ada',
    host: 'host.example',
    varve: '1.2.3-rc.1',
    parameters: { folds: '5', 'odd name': 'a "quoted" value\nin two lines', empty: '' },
    bundle: `sha256:${'ab'.repeat(32)}`,
    code: { digest: `sha256:${'cd'.repeat(32)}`, size: 12, codec: 'code/1' },
    graph: [
      { name: 'load', after: [] },
      { name: 'train', after: ['load'], foreach: 'models' },
      { name: 'report', after: [], join: 'train' },
    ],
    origin: '01j0000000000000000000',
  };
}

/** Makes one event of every type, with every field filled. */
export function everyEvent(): readonly RunEvent[] {
  const at = 1_790_000_000_001;
  const reference = {
    digest: `sha256:${'ef'.repeat(32)}`,
    size: 2 ** 40,
    codec: 'exact/1',
    at: { object: 'runs/a/b/batch/0', offset: 17, length: 4 },
  };
  const error = {
    name: 'TypeError',
    message: 'rows is not iterable ✗',
    code: 'E_ROWS',
    hint: 'give rows',
    stack: 'TypeError: rows\n    at clean (flow.ts:3:1)',
    cause: { name: 'Error', message: '', cause: { name: 'Error', message: 'innermost' } },
  };
  return [
    { at, type: 'task-started', task: 'init', attempt: 1 },
    { at, type: 'foreach-expanded', step: 'train', parent: 'load', labels: ['knn', 'trée', ''] },
    {
      at: at + 1,
      type: 'task-succeeded',
      task: 'train[0]',
      attempt: 2,
      via: 'cached',
      writes: { score: reference, ['__proto__']: reference, 'odd name': reference },
      deletes: ['raw'],
      reads: ['!missing', 'rows'],
      log: reference,
      ms: 12.5,
      from: 'Penguins/3/train[0]',
    },
    { at: at + 2, type: 'task-failed', task: 'train[1]', attempt: 1, error, retrying: true, log: reference, ms: 3 },
    { at: at + 2, type: 'task-skipped', task: 'train[2]', reason: 'the flag says no' },
    { at: at + 3, type: 'task-cancelled', task: 'train[3]', attempt: 1, reason: 'another task failed' },
    { at: at + 4, type: 'run-ended', status: 'failed' },
  ];
}

/** A summary with every field. */
export const SUMMARY: RunSummary = {
  status: 'failed',
  endedAt: 1_790_000_009_999,
  counts: { succeeded: 3, failed: 1, skipped: 2 },
  failure: 'train[1]: rows is not iterable ✗',
  metrics: { 'bytes written': 1.5e12, misses: 0 },
};

export function started(task: string, attempt = 1): RunEvent {
  return { at: 1_790_000_000_000, type: 'task-started', task, attempt };
}

export async function eventsOf(provider: MetadataProvider, run: RunRecord): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of provider.events(run)) events.push(event);
  return events;
}

export async function runsOf(provider: MetadataProvider, flow?: string): Promise<RunListing[]> {
  const runs: RunListing[] = [];
  for await (const run of provider.runs(flow === undefined ? {} : { flow })) runs.push(run);
  return runs;
}
