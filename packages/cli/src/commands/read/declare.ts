import type { Command } from 'commander';
import { common, count, several } from '../options.ts';

const MOMENTS = `
A time is a date (2025-03-01, 2025-03-01T08:30), or how long ago: 2d, 12h, 30m.`;

/** `varve code` */
export function addCode(program: Command, end: (code: number) => void): void {
  common(program.command('code'))
    .description('list the source files a run has executed, print one, or write them to a folder')
    .argument('[run]', 'e.g. Penguins/12', '@last')
    .argument('[file]', 'print this one')
    .option('-o, --output <folder>', 'write them to a new folder')
    .action(async (target: string, file: string | undefined, options) =>
      end(await (await import('./code.ts')).code(target, file, options)),
    );
}

/** `varve list` */
export function addList(program: Command, end: (code: number) => void): void {
  common(program.command('list').alias('ls'))
    .description('list runs, newest first')
    .argument('[flow]', 'only runs of this flow')
    .option('--status <status>', 'running, succeeded, failed, cancelled or lost; may be given several times', several)
    .option('--tag <tag>', 'only runs with this tag; several: with all of them', several)
    .option('--since <time>', 'only runs that began then or later, e.g. 2d')
    .option('--until <time>', 'only runs that began before')
    .option('--param <name=value>', 'only runs with this parameter; several: with all of them', several)
    .option('--limit <n>', 'how many', count, 20)
    .addHelpText('after', MOMENTS)
    .action(async (flow: string | undefined, options) => end(await (await import('./list.ts')).list(flow, options)));
}

/** `varve show` */
export function addShow(program: Command, end: (code: number) => void): void {
  common(program.command('show'))
    .description('show what a run or a task did, and where its artifacts come from')
    .argument('[run]', 'e.g. Penguins/12, @last, Penguins/12/train[2]', '@last')
    .option('--requests', 'show how often the run called its store, and the bytes that crossed')
    .action(async (target: string, options) => end(await (await import('./show.ts')).show(target, options)));
}

/** `varve logs` */
export function addLogs(program: Command, end: (code: number) => void): void {
  common(program.command('logs'))
    .description('print what tasks printed')
    .argument('[run]', 'a run, a step or a task', '@last')
    .action(async (target: string, options) => end(await (await import('./logs.ts')).logs(target, options)));
}

/** `varve artifacts` */
export function addArtifacts(program: Command, end: (code: number) => void): void {
  const artifacts = program.command('artifacts').description('look at what runs left behind');
  common(artifacts.command('ls'))
    .description('list the artifacts of a run or a task')
    .argument('[run]', 'a run or a task', '@last')
    .action(async (target: string, options) =>
      end(await (await import('./artifacts.ts')).listArtifacts(target, options)),
    );
  common(artifacts.command('get'))
    .description('print one artifact: JSON for plain data, bytes as they are with --output')
    .argument('<run>', 'a run or a task')
    .argument('<name>', 'the artifact')
    .option('-o, --output <file>', 'write it to a file')
    .action(async (target: string, name: string, options) =>
      end(await (await import('./artifacts.ts')).getArtifact(target, name, options)),
    );
}
