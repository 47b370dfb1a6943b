import type { Command } from 'commander';
import { InvalidArgumentError } from './commander.ts';

/** Options of every command that opens a project. */
export interface CommonOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly store?: string;
  readonly json?: boolean;
}

/** Adds the options of every command that opens a project. */
export function common(command: Command): Command {
  return command
    .option('--config <file>', 'use this config instead of the nearest varve.config.ts')
    .option('--profile <name>', 'lay this profile of the config over it')
    .option('--store <package>', 'use this datastore plugin')
    .option('--json', 'print JSON');
}

/** Parses an option that may be given several times. */
export function several(value: string, values: string[] = []): string[] {
  return [...values, value];
}

/** Parses a whole number from 1. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** Parses a whole number from 0. */
export function countFromZero(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a whole number from 0.');
}
