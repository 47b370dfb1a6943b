import type { Command } from 'commander';
import { common, count, several } from '../options.ts';

/** `varve run` */
export function addRun(program: Command, end: (code: number) => void): void {
  const run = common(program.command('run'))
    .description('run a flow')
    .argument('[file]', 'the file with the flow, or file#Flow when it holds several')
    .argument(
      '[parameters...]',
      "the flow's own parameters, as --name value; after -- those that have an option's name",
    )
    .option('--params <file>', 'read parameters from a JSON file, or from - for standard input')
    .option('--tag <tag>', 'label the run; may be given several times', several)
    .option('--concurrency <n>', 'most tasks at once', count)
    .option('--workers <n>', 'worker threads; default one a core', count)
    .option('--runner <name>', 'threads (default), process or inline')
    .option('--inspect', 'run inline and wait for a debugger')
    .option(
      '--cache <mode>',
      'results of earlier runs: rw (default) uses and keeps them, read only uses, write only keeps, refresh makes all anew, off neither',
    )
    .option('--force <step>', 'execute this step; step+ with all that follows, step[knn] one element', several)
    .option('--max-age <duration>', 'use no result older than this, e.g. 2d')
    .option('--fail-fast', 'stop everything at the first failure')
    .option('-q, --quiet', 'print failures and the last line only')
    .option('--reporter <name>', 'auto (default), live, plain, json or github')
    .helpOption(false)
    .option('-h, --help', "help, with the flow's parameters")
    .allowUnknownOption()
    .passThroughOptions(false);
  run.action(async (file: string | undefined, rest: string[], options) => {
    if (file === undefined && options.help) run.help();
    const flowFile = file ?? run.error("error: missing required argument 'file', as in: varve run flow.ts");
    const own = run.helpInformation().slice(run.helpInformation().indexOf('Options:'));
    end(await (await import('./run.ts')).run(flowFile, rest, { ...options, ownHelp: own.trimEnd() }));
  });
}

/** `varve resume` */
export function addResume(program: Command, end: (code: number) => void): void {
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

/** `varve spin` */
export function addSpin(program: Command, end: (code: number) => void): void {
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

/** `varve cancel` */
export function addCancel(program: Command, end: (code: number) => void): void {
  common(program.command('cancel'))
    .description('stop a run, wherever it goes on: what has finished is kept')
    .argument('<run>', 'e.g. Penguins/12, @last')
    .option('--no-wait', 'only ask; do not wait until it has stopped')
    .action(async (target: string, options) => end(await (await import('./cancel.ts')).cancel(target, options)));
}
