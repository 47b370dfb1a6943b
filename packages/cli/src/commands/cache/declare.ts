import type { Command } from 'commander';
import { common, count } from '../options.ts';

const SELECTORS = `
Results are named by the run that executed the task:
  Penguins                 all of a flow
  Penguins/train           one step of it; Penguins/train[knn] one element, whatever run made it
  Penguins/12              everything that run made; also #12, @last, @prev
  Penguins/12/train[2]     one task`;

const INVALIDATE_HELP = `${SELECTORS}

A withdrawn result stays where it is: nobody uses it any more, and the next run makes it anew and says who withdrew it.
A run that is going on does not notice. The command prints an id; --undo with it takes everything back.`;

const REFRESH_HELP = `${SELECTORS}

The next run of whoever shares the store makes these results anew, and only these. varve run --cache refresh does the
same at once, for every step of the flow that it runs: nothing is looked up, and what it makes takes the place of what
was there.`;

/** `varve cache`: inspects and invalidates cached results. */
export function addCache(program: Command, end: (code: number) => void): void {
  const cache = program.command('cache').description('look at the results that are kept for other runs, withdraw some');
  addLooking(cache, end);
  addWithdrawing(cache, end);
  addCacheAudit(cache, end);
}

function addLooking(cache: Command, end: (code: number) => void): void {
  common(cache.command('stats'))
    .description('count results, their size, and what they saved')
    .option('--runs <n>', 'of how many runs to add up what was saved', count, 20)
    .action(async (options) => end(await (await import('./stats.ts')).cacheStats(options)));
  common(cache.command('ls'))
    .description('list results, newest first')
    .argument('[results]', 'e.g. Penguins, Penguins/train, Penguins/12')
    .option('--withdrawn', 'only those that were withdrawn')
    .option('--limit <n>', 'how many', count, 20)
    .addHelpText('after', SELECTORS)
    .action(async (selector: string | undefined, options) =>
      end(await (await import('./ls.ts')).cacheLs(selector, options)),
    );
  common(cache.command('show'))
    .description('show one result: what it read and left, and what its key is made of')
    .argument('<result>', 'Penguins/12/train[2], or the beginning of a key')
    .action(async (name: string, options) => end(await (await import('./show.ts')).cacheShow(name, options)));
  common(cache.command('verify'))
    .description('read every page of results and every byte they refer to; exit code 1 when there is damage')
    .argument('[results]', 'only these, e.g. Penguins/train')
    .option('--repair', 'remove damaged pages, withdraw results whose bytes are gone')
    .action(async (selector: string | undefined, options) =>
      end(await (await import('./verify.ts')).cacheVerify(selector, options)),
    );
}

function addWithdrawing(cache: Command, end: (code: number) => void): void {
  const choice = (command: Command) =>
    common(command)
      .argument('[results...]', 'e.g. Penguins/12, Penguins/12/train[2], Penguins/train')
      .option('--step <name>', 'only those of this step')
      .option('--older <duration>', 'only those made longer ago than this, e.g. 30d')
      .option('--dry-run', 'only say which they are');
  choice(cache.command('invalidate'))
    .description('withdraw results, so that nobody uses them any more')
    .option('--why <text>', 'said to whoever would have used them')
    .option('--undo <id>', 'take a withdrawal back')
    .addHelpText('after', INVALIDATE_HELP)
    .action(async (selectors: string[], options) =>
      end(await (await import('./invalidate.ts')).cacheInvalidate(selectors, options)),
    );
  choice(cache.command('refresh'))
    .description('have results made anew by the next run')
    .addHelpText('after', REFRESH_HELP)
    .action(async (selectors: string[], options) =>
      end(await (await import('./invalidate.ts')).cacheRefresh(selectors, options)),
    );
}

const AUDIT_HELP = `
The flow runs twice: with the results that are kept, of which none is added, and without any, in a store that is thrown
away. Every task has to be there both times, to end alike, and to leave the same artifacts, digest by digest. Exit code 1
when something differs; each difference names whose result was used, and what is probably the cause.

Steps with an effect, and what comes after them, are left out: they would do it again. --effects executes them, twice.`;

function addCacheAudit(cache: Command, end: (code: number) => void): void {
  common(cache.command('audit'))
    .description('run a flow with and without the results that are kept, and compare')
    .argument('<file>', 'the file with the flow, or file#Flow when it holds several')
    .argument('[parameters...]', "the flow's own parameters, as --name value")
    .option('--params <file>', 'read parameters from a JSON file, or from - for standard input')
    .option('--workers <n>', 'worker threads; default one a core', count)
    .option('--runner <name>', 'threads (default), process or inline')
    .option('--max-age <duration>', 'use no result older than this, e.g. 2d')
    .option('--effects', 'execute steps with an effect, too: twice')
    .addHelpText('after', AUDIT_HELP)
    .allowUnknownOption()
    .passThroughOptions(false)
    .action(async (file: string, rest: string[], options) =>
      end(await (await import('./audit.ts')).cacheAudit(file, rest, options)),
    );
}
