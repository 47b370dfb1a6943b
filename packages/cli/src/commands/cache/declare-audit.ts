import type { Command } from 'commander';
import { common, count } from '../options.ts';

const HELP = `
The flow runs twice: with the results that are kept, of which none is added, and without any, in a store that is thrown
away. Every task has to be there both times, to end alike, and to leave the same artifacts, digest by digest. Exit code 1
when something differs; each difference names whose result was used, and what is probably the cause.

Steps with an effect, and what comes after them, are left out: they would do it again. --effects executes them, twice.`;

/** `varve cache audit`. */
export function addCacheAudit(cache: Command, end: (code: number) => void): void {
  common(cache.command('audit'))
    .description('run a flow with and without the results that are kept, and compare')
    .argument('<file>', 'the file with the flow, or file#Flow when it holds several')
    .argument('[parameters...]', "the flow's own parameters, as --name value")
    .option('--params <file>', 'read parameters from a JSON file, or from - for standard input')
    .option('--workers <n>', 'worker threads; default one a core', count)
    .option('--runner <name>', 'threads (default), process or inline')
    .option('--max-age <duration>', 'use no result older than this, e.g. 2d')
    .option('--effects', 'execute steps with an effect, too: twice')
    .addHelpText('after', HELP)
    .allowUnknownOption()
    .passThroughOptions(false)
    .action(async (file: string, rest: string[], options) =>
      end(await (await import('./audit.ts')).cacheAudit(file, rest, options)),
    );
}
