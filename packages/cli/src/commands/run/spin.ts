import {
  findSetup,
  type History,
  type Override,
  openHistory,
  openPart,
  type Pathspec,
  parsePathspec,
  parseTaskName,
  prepare,
  type RunView,
  type SpinRequest,
  type SpunTask,
  spin as spinTask,
  type Target,
  type TaskLogLine,
  VarveError,
} from '@varve/core/app';
import { DEFAULTS } from '../../default-stack-url.ts';
import { EXIT } from '../../exit-codes.ts';
import { painter, plain } from '../../print/format.ts';
import { toStderr } from '../../print/stdout.ts';
import { logText } from '../../print/text.ts';
import { outsideTasks } from '../../report/live/terminal.ts';
import { print, printJson, readPathspec } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { type SourceOptions, targetOfRun } from '../target.ts';
import { renderSpun, spunDocument } from './spun-task.ts';

export interface SpinCommandOptions extends CommonOptions, SourceOptions {
  readonly from?: string;
  readonly set?: readonly string[];
  readonly element?: string;
  readonly effects?: boolean;
  readonly keep?: boolean;
  readonly inspect?: boolean;
}

type Overrides = Record<string, Override>;

/** `varve spin`: exit code 0 when the task ended well, 1 when it failed. */
export async function spin(text: string, options: SpinCommandOptions): Promise<number> {
  const { task, path } = readTask(text, options);
  const set = readSet(options.set ?? []);
  const root = process.cwd();
  const loader = () => openPart({ defaults: DEFAULTS, projectRoot: root, stateDir: root }, 'loader');
  const setup = await findSetup(DEFAULTS, loader, { ...options, from: root });
  if (options.inspect) (await import('node:inspector')).open(undefined, undefined, true);
  const opened = await openHistory(setup);
  try {
    const run = await opened.history.find(path);
    const target = await targetOfRun(run, opened.history, setup, options);
    const { ok, result } = await toStderr(() => spinTarget(target, run, opened.history, { ...options, task, set }));
    if (typeof result === 'string') print(result);
    else printJson(result);
    return ok ? EXIT.ok : EXIT.failed;
  } finally {
    await opened.close();
  }
}

async function spinTarget(
  target: Target,
  run: RunView,
  history: History,
  { task, set, ...options }: Omit<SpinCommandOptions, 'set'> & Pick<SpinRequest, 'task'> & { readonly set: Overrides },
): Promise<{ readonly ok: boolean; readonly result: string | object }> {
  // What is kept is written where the old run was read, wherever the flow's file lies by now.
  const prepared = await prepare(DEFAULTS, target, { ...options, from: process.cwd(), runner: 'inline' });
  try {
    const { element, effects = false, keep = false, inspect = false } = options;
    const request = {
      ...{ task, set, effects, keep, untimed: inspect },
      ...(element !== undefined && { element: { text: element } }),
    };
    const spun = await spinTask(prepared, run, history, request, { onLog, onStart });
    // While the store is open: values are read for it.
    return {
      ok: spun.outcome.ok,
      result: options.json ? spunDocument(spun) : renderSpun(spun, painter(process.stdout)),
    };
  } finally {
    await prepared.engine.close();
  }
}

const paint = painter(process.stderr);
/** What a task prints goes to its log: this does not. */
const say = outsideTasks(process.stderr);

function onStart({ path, label }: Pick<SpunTask, 'path' | 'label'>, warnings: readonly string[]): void {
  say(`${paint('bold', ` ${plain(label)}`)}  ${paint('dim', `on what ${plain(path)} had left for it`)}\n`);
  for (const warning of warnings) say(`${paint('yellow', '!')} ${plain(warning)}\n`);
}

function onLog({ label, text }: TaskLogLine): void {
  say(`${paint('dim', `${plain(label)} │`)} ${logText(text)}\n`);
}

/** `train[knn]` with `--from`, or `Penguins/12/train[knn]`. */
function readTask(text: string, { from }: SpinCommandOptions) {
  const whole = parsePathspec(text);
  if (whole?.task === undefined) return { task: parseTaskName(text), path: readPathspec(from ?? '@last') };
  if (from === undefined) return { task: parseTaskName(whole.task), path: whole satisfies Pathspec };
  throw new VarveError('VARVE_USAGE', `'${text}' names a run, and --from names one too`, {
    hint: 'Leave one of them out.',
  });
}

function readSet(texts: readonly string[]): Overrides {
  const set: Overrides = Object.create(null);
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new VarveError('VARVE_USAGE', `--set ${text}`, {
        hint: 'Write a name and a value: --set folds=10, --set rows=@rows.json',
      });
    }
    set[name] = { text: value };
  }
  return set;
}
