import type { CopyProgress, NotCopied, StoreCopy } from '@varve/client';
import { type Finding, VarveError } from '@varve/core/contract';
import { copyStore } from '../../api/copy/copy-store.ts';
import { EXIT } from '../../exit-codes.ts';
import { bytes, counted, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { ProgressLine } from './progress-line.ts';

export interface CopyCommandOptions {
  readonly dryRun?: boolean;
  readonly concurrency?: number;
  readonly keepLast?: number;
  readonly config?: string;
  readonly json?: boolean;
}

/** `varve store copy`: exit code 1, and an error that names it all, when something could not be copied. */
export async function copy(from: string, to: string, options: CopyCommandOptions): Promise<number> {
  const { dryRun = false, concurrency, keepLast, config } = options;
  const stop = abortOnInterrupt();
  const line = new ProgressLine(process.stderr);
  try {
    const done = await copyStore(from, to, {
      dryRun,
      signal: stop.signal,
      onProgress: (progress) => line.show(progressText(progress)),
      onWait: (message) => line.say(message),
      ...(concurrency !== undefined && { concurrency }),
      ...(keepLast !== undefined && { keepLast }),
      ...(config !== undefined && { config }),
    });
    line.clear();
    if (options.json) printJson(done);
    else print(renderCopy(done, painter(process.stdout)));
    if (done.complete) return EXIT.ok;
    throw incomplete(done);
  } catch (error) {
    line.clear();
    if (!stop.signal.aborted) throw error;
    process.stderr.write('Stopped. What is copied is whole; the same command copies the rest.\n');
    return EXIT.interrupted;
  } finally {
    stop.end();
  }
}

function progressText({ done, total, bytes: sent }: CopyProgress): string {
  return `copying ${done} of ${total} objects, ${bytes(sent)} sent`;
}

/** Most runs that are named in a line. */
const NAMES_MAX = 12;

export function renderCopy(done: StoreCopy, paint: Paint): string {
  const { from, to, dryRun, runs, copied, skipped, notes } = done;
  const names = runs.slice(0, NAMES_MAX).map(({ flow, number }) => `${flow}/${number}`);
  const list = names.length === 0 ? '' : ` (${names.join(' ')}${runs.length > NAMES_MAX ? ' …' : ''})`;
  const mark = done.complete ? paint('green', '✔') : paint('yellow', '!');
  return [
    paint('bold', `${from} → ${to}`),
    `${mark} ${dryRun ? 'would copy' : 'copied'} ${counted(runs.length, 'run')}${list}: ${counted(copied.objects, 'object')}, ${bytes(copied.bytes)}`,
    ...(skipped.objects > 0
      ? [`  ${counted(skipped.objects, 'object')} of ${bytes(skipped.bytes)} were there already`]
      : []),
    ...notes.map((note) => `  ${note}`),
    ...(dryRun ? ['Nothing was written.'] : []),
  ].join('\n');
}

function incomplete({ live, heldBack, notCopied, dryRun }: StoreCopy): VarveError {
  const findings: Finding[] = [
    ...live.map(({ flow, number }) => liveRun(`${flow}/${number}`)),
    ...heldBack.map(({ flow, number }) => heldBackRun(`${flow}/${number}`)),
    ...notCopied.map(lostObject),
  ];
  const message = dryRun ? 'the copy would not be complete' : 'the copy is not complete; everything else was copied';
  return new VarveError('VARVE_COPY_INCOMPLETE', message, { findings });
}

function liveRun(name: string): Finding {
  return {
    code: 'VARVE_RUN_LIVE',
    message: `${name} is going on, so it is not copied`,
    hint: `Copy again when it has ended, or stop it with varve cancel ${name}. A run that was killed counts as going on for 20 seconds.`,
  };
}

function heldBackRun(name: string): Finding {
  return {
    code: 'VARVE_COPY_HELD_BACK',
    message: `${name} is not copied, because a part of its journal is missing or damaged: see below`,
    hint: `Put that object back from a backup and copy again, or do without the run: varve runs rm ${name}`,
  };
}

function lostObject({ code, message, hint, runs }: NotCopied): Finding {
  const more = runs.length > NAMES_MAX ? ' …' : '';
  const needed = runs.length === 0 ? '' : `\n  needed by ${runs.slice(0, NAMES_MAX).join(' ')}${more}`;
  return { code, message: `${message}${needed}`, ...(hint !== undefined && { hint }) };
}
