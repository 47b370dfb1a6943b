import { VERSION } from '@varve/core/version';
import { Command } from 'commander';
import { addCache } from './cache/declare.ts';
import { addUpkeep } from './keep/declare.ts';
import { common, count, several } from './options.ts';
import { addHistory } from './read/declare.ts';
import { addReplay } from './run/declare.ts';

/** What every command that opens a project takes. */
export interface CommonOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** The command line, built without loading what the commands do. `end` takes the exit code. */
export function createProgram(end: (code: number) => void): Command {
  const program = new Command('varve')
    .description('Pipelines as classes: steps run in parallel, every result is kept.')
    .version(VERSION)
    .option('--debug', 'show where an error comes from')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  addRun(program, end);
  addReplay(program, end);
  addHistory(program, end);
  addUpkeep(program, end, common);
  addCache(program, end);
  addProject(program, end);
  addProofs(program, end);
  return program;
}

const EXAMPLES = `
Examples:
  varve run flow.ts --folds 10          run a flow; --folds is a parameter of the flow
  varve run flow.ts --help              list the flow's parameters
  varve resume                          go on with the newest run that stopped
  varve spin 'train[knn]'               try one task on what the newest run had left for it
  varve show Penguins/12                what a run did
  varve artifacts get @last best        print one artifact as JSON

Runs are named Flow/12, #12, @last, @last-ok or @prev; tasks Flow/12/train[2].`;

function addRun(program: Command, end: (code: number) => void): void {
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
    end(await (await import('./run/run.ts')).run(flowFile, rest, { ...options, ownHelp: own.trimEnd() }));
  });
}

function addProject(program: Command, end: (code: number) => void): void {
  common(program.command('graph'))
    .description('draw the steps of a flow')
    .argument('<file>', 'the file with the flow')
    .option('--format <format>', 'text, mermaid or dot', 'text')
    .action(async (file: string, options) => end(await (await import('./project/graph.ts')).graph(file, options)));
  common(program.command('check'))
    .description('check a flow without running it')
    .argument('<file>', 'the file with the flow')
    .action(async (file: string, options) => end(await (await import('./project/check.ts')).check(file, options)));
  common(program.command('config'))
    .description('show which settings are in force, and where they come from')
    .action(async (options) => end(await (await import('./project/config.ts')).config(options)));
}

function addProofs(program: Command, end: (code: number) => void): void {
  common(program.command('fingerprint'))
    .description('show which code each step can reach, and its hash')
    .argument('<file>', 'the file with the flow')
    .option('--step <name>', 'only this step')
    .option('--tree', 'list every piece of code, below the one through which it is reached')
    .option('--why <piece>', 'say how a step reaches a piece, e.g. lib/math.ts#normalize')
    .action(async (file: string, options) =>
      end(await (await import('./project/fingerprint.ts')).fingerprint(file, options)),
    );
  common(program.command('check-store'))
    .description('prove the configured store with the cases every store must pass')
    .option('--no-heavy', 'leave out the cases that move many or large objects')
    .action(async (options) => end(await (await import('./project/check-store.ts')).checkStore(options)));
}
