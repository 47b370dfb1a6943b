import type { RunView, TaskView } from '@varve/client';
import { EXIT } from '../../exit-codes.ts';
import { painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec } from '../targets.ts';

/** `varve logs`: prints the output of a run, a step or a task; of a single task without a prefix. */
export async function logs(target: string, options: CommonOptions): Promise<number> {
  const path = readPathspec(target);
  return withHistory(options, async ({ history }) => {
    const run = await history.find(path);
    const tasks = tasksOf(run, path.task);
    if (options.json) {
      const documents = await Promise.all(
        tasks.map(async (task) => ({ task: task.name, label: task.label, lines: await task.log() })),
      );
      printJson({ logs: documents.filter(({ lines }) => lines.length > 0) });
      return EXIT.ok;
    }
    for (const task of tasks) await printLog(task, tasks.length > 1);
    return EXIT.ok;
  });
}

function tasksOf(run: RunView, name: string | undefined): TaskView[] {
  if (name === undefined) return run.tasks();
  return run.state.steps.has(name) && !run.state.tasks.has(name) ? run.tasks(name) : [run.task(name)];
}

async function printLog(task: TaskView, prefixed: boolean): Promise<void> {
  const paint = painter(process.stdout);
  const prefix = prefixed ? `${paint('dim', `${plain(task.label)} │`)} ` : '';
  for (const { text } of await task.log()) print(`${prefix}${text}`);
}
