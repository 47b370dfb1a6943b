import type { Command } from 'commander';
import { common } from '../options.ts';

/** `varve doctor` */
export function addDoctor(program: Command, end: (code: number) => void): void {
  common(program.command('doctor'))
    .description('check what varve stands on: Node, config, decorators, store, clock, disk')
    .action(async (options) => end(await (await import('./doctor.ts')).doctor(options)));
}
