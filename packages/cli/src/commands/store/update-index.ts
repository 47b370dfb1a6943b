import type { IndexUpdate } from '@varve/client';
import { EXIT } from '../../exit-codes.ts';
import { counted, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { ProgressLine } from './progress-line.ts';

export interface IndexOptions extends CommonOptions {
  readonly rebuild?: boolean;
}

/** `varve index` */
export async function updateIndex(options: IndexOptions): Promise<number> {
  return withHistory(
    options,
    async ({ updateIndex, store, index }) => {
      const stop = abortOnInterrupt();
      const line = new ProgressLine(process.stderr);
      try {
        const onProgress = (done: number, all: number) => line.show(`reading run ${done} of ${all}`);
        const { rebuild = false } = options;
        const done = await updateIndex({ rebuild, onProgress, signal: stop.signal });
        line.clear();
        const outcome = { store, index: index ?? '', rebuilt: rebuild, ...done };
        if (options.json) printJson(indexDocument(outcome));
        else print(renderIndex(outcome, painter(process.stdout)));
        for (const { message } of done.damaged) process.stderr.write(`! ${message}\n`);
        return EXIT.ok;
      } catch (error) {
        line.clear();
        if (!stop.signal.aborted) throw error;
        process.stderr.write('Stopped. What is in the index stays; the same command goes on.\n');
        return EXIT.interrupted;
      } finally {
        stop.end();
      }
    },
    'long',
  );
}

interface Outcome extends IndexUpdate {
  readonly store: string;
  readonly index: string;
  readonly rebuilt: boolean;
}

function renderIndex(outcome: Outcome, paint: Paint): string {
  const { store, index, rebuilt, runs, added, ended, removed, unfinished, damaged } = outcome;
  const changes = [
    ...(added > 0 ? [`${added} added`] : []),
    ...(ended > 0 ? [`${ended} ended since`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(damaged.length > 0 ? [`${counted(damaged.length, 'damaged record')} left out`] : []),
  ];
  const did = changes.join(', ') || (rebuilt ? 'no runs yet' : 'was up to date');
  return [
    paint('bold', `${index}, of ${store}`),
    `${paint('green', '✔')} ${counted(runs, 'run')}: ${rebuilt ? 'made anew, ' : ''}${did}`,
    ...(unfinished > 0 ? [`  ${unfinished} not ended: lists look those up in the store`] : []),
  ].join('\n');
}

function indexDocument({ damaged, ...outcome }: Outcome): object {
  return { ...outcome, damaged: damaged.map(({ code, message }) => ({ code, message })) };
}
