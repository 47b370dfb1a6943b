import type { Command } from 'commander';
import { common, countFromZero } from '../options.ts';

/** `varve gc` */
export function addGc(program: Command, end: (code: number) => void): void {
  common(program.command('gc'))
    .description('show what old runs and results could be deleted; --yes deletes them')
    .option('--keep-last <n>', 'keep the newest n runs of each flow, whatever their age', countFromZero, 10)
    .option('--older <duration>', 'delete only what is older', '30d')
    .option('--keep-cache', 'keep results for other runs while they are not older than that')
    .option('--dry-run', 'only show what would be deleted (default)')
    .option('--yes', 'delete it')
    .action(async (options) => end(await (await import('./gc.ts')).gc(options)));
}

/** `varve runs` */
export function addRuns(program: Command, end: (code: number) => void): void {
  const runs = program.command('runs').description('remove runs');
  common(runs.command('rm'))
    .description('remove runs from the history; varve gc then deletes what only they needed')
    .argument('<run...>', 'e.g. Penguins/12')
    .option('--force', 'also a run that is pinned')
    .option('--dry-run', 'only say what would be removed')
    .action(async (targets: string[], options) =>
      end(await (await import('./remove-runs.ts')).removeRuns(targets, options)),
    );
}

/** `varve pin` and `varve unpin` */
export function addPin(program: Command, end: (code: number) => void): void {
  common(program.command('pin'))
    .description('keep a run until it is unpinned')
    .argument('<run>', 'e.g. Penguins/12')
    .option('--reason <text>', 'why')
    .action(async (target: string, options) => end(await (await import('./pin.ts')).pin(target, options)));
  common(program.command('unpin'))
    .description('let varve gc remove a run again')
    .argument('<run>', 'e.g. Penguins/12')
    .action(async (target: string, options) => end(await (await import('./pin.ts')).unpin(target, options)));
}
