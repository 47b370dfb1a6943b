import { type Command, InvalidArgumentError } from 'commander';

/** The options of every command that opens a project. */
export function common(command: Command): Command {
  return command
    .option('--config <file>', 'use this config instead of the nearest varve.config.ts')
    .option('--profile <name>', 'lay this profile of the config over it')
    .option('--store <package>', 'use this datastore plugin')
    .option('--json', 'print JSON');
}

/** An option that may be given several times. */
export function several(value: string, values: string[] = []): string[] {
  return [...values, value];
}

/** A whole number from 1. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}
