import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../../src/commands/program.ts';
import { nextCommands } from '../../../src/report/content/next-commands.ts';
import { RunTally } from '../../../src/report/content/run-tally.ts';
import { Script } from '../script.ts';

function after(tell: (run: Script) => void): string[] {
  const tally = new RunTally();
  tell(new Script((progress) => tally.apply(progress, 0)));
  return nextCommands(tally);
}

const good = after((run) => {
  run.begin(['load', 'best']);
  run.end('load', { writes: { raw: 1 } });
  run.log('load', 'hello');
  run.end('best', { writes: { näme: 1, best: 1 } });
  run.finish('succeeded', 1, {});
});
const silent = after((run) => {
  run.begin(['load']);
  run.log('load', 'hello');
  run.finish('succeeded', 1, {});
});
const failed = after((run) => {
  run.begin(['load']);
  run.log('load', 'hello');
  run.end('load', { status: 'failed', error: { name: 'Error', message: 'no' } });
  run.finish('failed', 1, {});
});

test('the suggested commands depend on the outcome of the run', () => {
  expect(good).toEqual(['varve show', 'varve artifacts get @last best']);
  expect(silent).toEqual(['varve show', 'varve logs']);
  expect(failed).toEqual(['varve resume', 'varve spin load', 'varve show', 'varve logs']);
  expect(after((run) => run.begin(['load']))).toEqual([]);
});

test.each([...good, ...silent, ...failed])('the suggested command %s exists', (line) => {
  let command: Command | undefined = createProgram(() => {});
  const [, ...words] = line.split(' ');
  while (command && words.length > 0 && command.commands.length > 0) {
    const word = words.shift();
    command = command.commands.find((known) => known.name() === word);
  }
  expect(command).toBeDefined();
  const wanted = command?.registeredArguments ?? [];
  expect(words.length).toBeGreaterThanOrEqual(wanted.filter((argument) => argument.required).length);
  expect(words.length).toBeLessThanOrEqual(wanted.length);
});
