import type { Command } from 'commander';
import { common, count } from '../options.ts';

const HELP = `
Stores are named by
  team                     a profile of varve.config.ts; default is the config without a profile
  ./backup                 a folder, which holds the store itself: of a project, ./.varve/store; also file:///srv/varve
  s3://bucket/prefix       a bucket, with @varve/store-s3 installed in the project; gs:// with @varve/store-gcs

Runs, artifacts, pins and results for other runs are copied, and checked on their way. What the target has already is not
sent again: after an interruption the same command goes on. Runs that are going on are left out. Nothing is deleted, and
nothing in the target is replaced. Exit code 1 when something could not be copied.

Examples:
  varve store copy default s3://acme-varve/penguins
  varve store copy team ./backup --dry-run`;

/** `varve store` */
export function addStore(program: Command, end: (code: number) => void): void {
  const store = program.command('store').description('copy the runs and results of one store to another');
  store
    .command('copy')
    .description('copy runs, artifacts and results for other runs; what is there already is not sent again')
    .argument('<from>', 'a profile, default, a folder, s3://… or gs://…')
    .argument('<to>', 'the same')
    .option('--dry-run', 'only say what would be copied')
    .option('--keep-last <n>', 'only the newest n runs of each flow, and the results that they made or used', count)
    .option('--concurrency <n>', 'objects under way at once', count, 16)
    .option('--config <file>', 'use this config instead of the nearest varve.config.ts')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (from: string, to: string, options) =>
      end(await (await import('./copy.ts')).copy(from, to, options)),
    );
}

const INDEX_HELP = `
For lists of very many runs: an index keeps a copy of what varve list searches, which else reads two objects a run. It needs
index: sqliteIndex() in varve.config.ts, from @varve/metadata-sqlite. Only what is new is read; lists look into the store for
what the index does not have yet, so it may be old, be deleted, and be made anew at any time.`;

/** `varve index` */
export function addIndex(program: Command, end: (code: number) => void): void {
  common(program.command('index'))
    .description('bring the index of the runs up to date with the store')
    .option('--rebuild', 'make it anew, also one that is damaged')
    .addHelpText('after', INDEX_HELP)
    .action(async (options) => end(await (await import('./update-index.ts')).updateIndex(options)));
}
