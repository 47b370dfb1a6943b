import type { Command } from 'commander';
import { Argument } from '../commander.ts';
import { common } from '../options.ts';

/** `varve graph` */
export function addGraph(program: Command, end: (code: number) => void): void {
  common(program.command('graph'))
    .description('draw the steps of a flow')
    .argument('<file>', 'the file with the flow')
    .option('--format <format>', 'text, mermaid or dot', 'text')
    .action(async (file: string, options) => end(await (await import('./graph.ts')).graph(file, options)));
}

/** `varve check` */
export function addCheck(program: Command, end: (code: number) => void): void {
  common(program.command('check'))
    .description('check a flow without running it')
    .argument('<file>', 'the file with the flow')
    .action(async (file: string, options) => end(await (await import('./check.ts')).check(file, options)));
}

/** `varve config` */
export function addConfig(program: Command, end: (code: number) => void): void {
  common(program.command('config'))
    .description('show which settings are in force, and where they come from')
    .addArgument(new Argument('[show]', 'the same, for those who write it out').choices(['show']))
    .action(async (_show: string | undefined, options) => end(await (await import('./config.ts')).config(options)));
}

/** `varve fingerprint` */
export function addFingerprint(program: Command, end: (code: number) => void): void {
  common(program.command('fingerprint'))
    .description('show which code each step can reach, and its hash')
    .argument('<file>', 'the file with the flow')
    .option('--step <name>', 'only this step')
    .option('--tree', 'list every piece of code, below the one through which it is reached')
    .option('--why <piece>', 'say how a step reaches a piece, e.g. lib/math.ts#normalize')
    .action(async (file: string, options) => end(await (await import('./fingerprint.ts')).fingerprint(file, options)));
}

/** `varve check-store` */
export function addCheckStore(program: Command, end: (code: number) => void): void {
  common(program.command('check-store'))
    .description('prove the configured store with the cases every store must pass')
    .option('--no-heavy', 'leave out the cases that move many or large objects')
    .action(async (options) => end(await (await import('./check-store.ts')).checkStore(options)));
}
