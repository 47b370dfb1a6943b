import {
  executePrepared,
  type FlowDescription,
  type Preparation,
  type ProgressListener,
  prepare,
  VarveError,
} from '@varve/core/app';
import { EXIT } from '../exit-codes.ts';
import { gatherParameters } from '../flow-arguments.ts';
import { listenForSignals } from '../interrupt.ts';
import { painter } from '../print/format.ts';
import { parameterHelp } from '../print/parameter-help.ts';
import type { CommonOptions } from '../program.ts';
import { jsonReport } from '../report/json-report.ts';
import { plainReport } from '../report/plain-report.ts';
import { DEFAULTS, parseTarget } from '../target.ts';

export interface RunCommandOptions extends CommonOptions {
  readonly params?: string;
  readonly tag?: readonly string[];
  readonly concurrency?: number;
  readonly workers?: number;
  readonly runner?: string;
  readonly inspect?: boolean;
  readonly failFast?: boolean;
  readonly quiet?: boolean;
  readonly help?: boolean;
}

/** `varve run`: exit code 0 when every task ended well, 1 when one failed, 130 when it was interrupted. */
export async function run(file: string, rest: readonly string[], options: RunCommandOptions): Promise<number> {
  const prepared = await prepare(DEFAULTS, parseTarget(file), { ...options, runner: runnerOf(options) });
  try {
    if (options.help) {
      process.stdout.write(`${parameterHelp(file, prepared.description)}\n`);
      return EXIT.ok;
    }
    return await start(prepared, rest, options);
  } finally {
    await prepared.engine.close();
  }
}

async function start(prepared: Preparation, rest: readonly string[], options: RunCommandOptions): Promise<number> {
  const parameters = gatherOrNothing(prepared.description, rest, options);
  const interrupt = listenForSignals((text) => process.stderr.write(text));
  try {
    const { summary } = await executePrepared(prepared, {
      parameters,
      tags: options.tag ?? [],
      onProgress: reporter(options),
      signal: interrupt.signal,
      failFast: options.failFast ?? false,
      ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    });
    if (summary.status === 'succeeded') return EXIT.ok;
    return summary.status === 'failed' ? EXIT.failed : interrupt.exitCode();
  } finally {
    interrupt.stop();
  }
}

/** A flow with mistakes is reported before its parameters are. */
function gatherOrNothing(description: FlowDescription, rest: readonly string[], options: RunCommandOptions) {
  if (description.findings.length > 0) return {};
  const file = options.params === undefined ? {} : { paramsFile: options.params };
  return gatherParameters(description, { rest, env: process.env, ...file });
}

function reporter(options: RunCommandOptions): ProgressListener {
  if (options.json) return jsonReport((text) => process.stdout.write(text));
  return plainReport({
    write: (text) => process.stderr.write(text),
    paint: painter(process.stderr),
    quiet: options.quiet ?? false,
  });
}

function runnerOf(options: RunCommandOptions): 'threads' | 'inline' {
  if (options.inspect) return 'inline';
  const name = options.runner ?? 'threads';
  if (name === 'threads' || name === 'inline') return name;
  throw new VarveError('VARVE_USAGE', `--runner ${name}: there is no such runner`, {
    hint: 'Runners: threads, inline.',
  });
}
