import type { Command } from 'commander';
import { common, count, several } from '../options.ts';

/** Commands that start from what an earlier run has left. */
export function addReplay(program: Command, end: (code: number) => void): void {
  addResume(program, end);
  addSpin(program, end);
  addCode(program, end);
}

function addResume(program: Command, end: (code: number) => void): void {
  common(program.command('resume'))
    .description('go on with a run that stopped: a new run that keeps every finished task')
    .argument('[run]', 'e.g. Penguins/12; default the newest run that did not succeed')
    .option('--from <step>', 'execute this step again, and what follows; train[knn] one element', several)
    .option('--set <name=value>', 'give a parameter another value; all others keep theirs', several)
    .option(
      '--trust <how>',
      'verify (default): only tasks whose code is the same are kept; position: all finished ones',
    )
    .option('--file <file>', 'the file with the flow, if it is elsewhere now')
    .option('--code <which>', 'now (default): the files as they are; stored: as the run has kept them')
    .option('--tag <tag>', 'label the new run; may be given several times', several)
    .option('--cache <mode>', 'rw (default), read, write, refresh or off')
    .option('--concurrency <n>', 'most tasks at once', count)
    .option('--workers <n>', 'worker threads; default one a core', count)
    .option('--runner <name>', 'threads (default), process or inline')
    .option('--fail-fast', 'stop everything at the first failure')
    .option('-q, --quiet', 'print failures and the last line only')
    .option('--reporter <name>', 'auto (default), live, plain, json or github')
    .action(async (path: string | undefined, options) =>
      end(await (await import('./resume.ts')).resume(path, options)),
    );
}

function addSpin(program: Command, end: (code: number) => void): void {
  common(program.command('spin'))
    .description('try one task with the code as it is now, on what a past run had left for it; nothing is written')
    .argument('<task>', "a step, 'train[knn]' for one element, or with its run: 'Penguins/12/train[knn]'")
    .option('--from <run>', 'the run its inputs are from; default @last')
    .option('--set <name=value>', 'a parameter, or an artifact as JSON or @file.json, that is another for it', several)
    .option('--element <json>', 'what a foreach step is handed in the place of its element')
    .option('--effects', 'also a step that has an effect outside: it is done again')
    .option('--keep', 'write the attempt to the history, as a run of its own')
    .option('--inspect', 'wait for a debugger')
    .option('--file <file>', 'the file with the flow, if it is elsewhere now')
    .option('--code <which>', 'now (default): the files as they are; stored: as the run has kept them')
    .action(async (task: string, options) => end(await (await import('./spin.ts')).spin(task, options)));
}

function addCode(program: Command, end: (code: number) => void): void {
  common(program.command('code'))
    .description('list the source files a run has executed, print one, or write them to a folder')
    .argument('[run]', 'e.g. Penguins/12', '@last')
    .argument('[file]', 'print this one')
    .option('-o, --output <folder>', 'write them to a new folder')
    .action(async (target: string, file: string | undefined, options) =>
      end(await (await import('../read/code.ts')).code(target, file, options)),
    );
}
