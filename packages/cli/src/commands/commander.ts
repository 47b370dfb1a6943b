import { createRequire } from 'node:module';
import type * as Commander from 'commander';

/** Loaded with `require`: for an `import`, Node would first search each of its CommonJS files for the names of exports. */
const commander: typeof Commander = createRequire(import.meta.url)('commander');

export const { Argument, Command, CommanderError, InvalidArgumentError } = commander;
export type Command = Commander.Command;
