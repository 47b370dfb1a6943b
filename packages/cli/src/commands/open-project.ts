import {
  findSetup,
  type OpenHistory,
  openHistory,
  openPart,
  type Pathspec,
  parsePathspec,
  VarveError,
} from '@varve/core/app';
import { DEFAULTS } from '../default-stack-url.ts';
import type { CommonOptions } from './program.ts';

/** Opens the project's history, hands it to `use`, and closes it whatever happens. */
export async function withHistory<T>(options: CommonOptions, use: (opened: OpenHistory) => Promise<T>): Promise<T> {
  const root = process.cwd();
  const loader = () => openPart({ defaults: DEFAULTS, projectRoot: root, stateDir: root }, 'loader');
  const opened = await openHistory(await findSetup(DEFAULTS, loader, options));
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** Reads a pathspec. Throws `VARVE_USAGE` with examples. */
export function readPathspec(text: string): Pathspec {
  const path = parsePathspec(text);
  if (path) return path;
  throw new VarveError('VARVE_USAGE', `'${text}' names no run`, {
    hint: 'Name one: Penguins/12, #12, @last, @last-ok, @prev, or a run id.',
  });
}

/** One JSON document on stdout, with the version of its schema. */
export function printJson(document: object): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ...document }, null, 2)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
