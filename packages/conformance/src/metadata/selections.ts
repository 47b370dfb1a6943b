import type { RunListing, RunRecord, RunSelection, RunSummary } from '@varve/core/contract';
import { sameData } from '../expect.ts';
import { makeRun } from './subject.ts';

const STATUSES: readonly (RunSummary['status'] | undefined)[] = ['succeeded', 'failed', 'cancelled', undefined];
/** Longer than what most databases search by. */
const LONG = 'long '.repeat(200);

/** Makes 24 runs, oldest first, that differ in all that runs are selected by. Every fourth has not ended. */
export function selectableRuns(scope: string, flow: string): RunListing[] {
  return Array.from({ length: 24 }, (_, n) => {
    const record: RunRecord = {
      ...makeRun({ scope }, flow, n),
      tags: [...(n % 2 === 0 ? ['even', 'even'] : []), ...(n % 3 === 0 ? ['third'] : []), `n${n}`],
      parameters: { folds: String(n % 5), 'odd name': n % 2 === 0 ? 'a "quoted" value' : LONG, [`only${n}`]: '' },
    };
    const status = STATUSES[n % STATUSES.length];
    return status === undefined
      ? { record }
      : { record, summary: { status, endedAt: record.createdAt + 1, counts: {} } };
  });
}

const at = (n: number): number => 1_790_000_000_000 + n;

const SELECTIONS: readonly RunSelection[] = [
  {},
  { tags: ['even'] },
  { tags: ['third', 'even'] },
  { tags: ['eve'] },
  { tags: [] },
  { since: at(5) },
  { until: at(5) },
  { since: at(5), until: at(9) },
  { parameters: { folds: '2' } },
  { parameters: { folds: '2', 'odd name': 'a "quoted" value' } },
  { parameters: { 'odd name': LONG } },
  { parameters: { 'odd name': `${LONG}!` } },
  { parameters: { only7: '' } },
  { parameters: { toString: 'x' } },
  { ended: ['failed'] },
  { ended: ['failed', 'cancelled'] },
  { ended: [] },
  { ended: ['succeeded'], tags: ['even'], since: at(3), parameters: { folds: '3' } },
];

function fits(
  { record, summary }: RunListing,
  { tags = [], since, until, parameters = {}, ended }: RunSelection,
): boolean {
  return (
    tags.every((tag) => record.tags.includes(tag)) &&
    (since === undefined || record.createdAt >= since) &&
    (until === undefined || record.createdAt < until) &&
    Object.entries(parameters).every(
      ([name, value]) => Object.hasOwn(record.parameters, name) && record.parameters[name] === value,
    ) &&
    (ended === undefined || summary === undefined || ended.includes(summary.status))
  );
}

/** Asks for each selection of those runs, and compares the answer: exactly the runs that fit, newest first. */
export async function checkSelections(
  runs: readonly RunListing[],
  ask: (where: RunSelection) => AsyncIterable<RunListing>,
): Promise<void> {
  for (const where of SELECTIONS) {
    const found: number[] = [];
    for await (const { record } of ask(where)) found.push(record.number);
    const wanted = runs.filter((run) => fits(run, where)).map(({ record }) => record.number);
    sameData(found, wanted.reverse(), `the runs where ${JSON.stringify(where).slice(0, 200)}`);
  }
}
