import type { Duration } from '@varve/core';
import { VarveError } from '@varve/core/contract';
import type { FlowDescription } from '@varve/core/internal';
import { executePrepared, type Preparation, prepareAt } from '@varve/runtime';
import { DEFAULTS } from '../../default-stack-url.ts';
import { EXIT } from '../../exit-codes.ts';
import { withStdoutOnStderr } from '../../print/stdout.ts';
import { openReport } from '../../report/open-report.ts';
import { listenForSignals } from '../interrupt.ts';
import type { CommonOptions } from '../options.ts';
import { parseTarget } from '../targets.ts';
import { gatherParameters, parameterHelp } from './flow-parameters.ts';

export interface RunCommandOptions extends CommonOptions {
  readonly params?: string;
  readonly tag?: readonly string[];
  readonly concurrency?: number;
  readonly workers?: number;
  readonly runner?: string;
  readonly inspect?: boolean;
  readonly cache?: string;
  readonly force?: readonly string[];
  readonly maxAge?: string;
  readonly failFast?: boolean;
  readonly quiet?: boolean;
  readonly reporter?: string;
  readonly help?: boolean;
  /** Help on the options of `varve run` itself. */
  readonly ownHelp: string;
}

/** `varve run`: exit code 0 when every task succeeded, 1 when one failed, 130 when the run was interrupted. */
export async function run(file: string, rest: readonly string[], options: RunCommandOptions): Promise<number> {
  if (file.startsWith('-')) {
    throw new VarveError('VARVE_USAGE', `'${file}' is not a file with a flow`, {
      hint: 'The file comes first: varve run flow.ts --name value',
    });
  }
  if (options.inspect) (await import('node:inspector')).open(undefined, undefined, true);
  const prepared = await withStdoutOnStderr(() =>
    prepareAt(DEFAULTS, parseTarget(file), { ...options, ...runnerOf(options) }),
  );
  try {
    if (options.help) {
      process.stdout.write(`${parameterHelp(file, prepared.description, options.ownHelp)}\n`);
      return EXIT.ok;
    }
    return await start(prepared, rest, options);
  } finally {
    await prepared.close();
  }
}

async function start(prepared: Preparation, rest: readonly string[], options: RunCommandOptions): Promise<number> {
  const parameters = gatherUnlessInvalid(prepared.description, rest, options);
  return executeReported(prepared, { parameters, cacheRequest: cacheRequestOf(options) }, options);
}

type ExecuteOptions = Parameters<typeof executePrepared>[1];

/** Executes a prepared flow with a report and with Ctrl-C handled. Returns the exit code. */
export async function executeReported(
  prepared: Preparation,
  request: Pick<ExecuteOptions, 'parameters' | 'cacheRequest' | 'resume'>,
  options: Omit<RunCommandOptions, 'ownHelp'>,
): Promise<number> {
  const report = await openReport(options);
  const interrupt = listenForSignals((text) => report.showMessage(text));
  try {
    const { summary } = await executePrepared(prepared, {
      ...request,
      tags: options.tag ?? [],
      onProgress: report.onProgress,
      signal: interrupt.signal,
      failFast: options.failFast ?? false,
      ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    });
    return exitCodeOfRun(summary.status, interrupt.exitCode());
  } finally {
    interrupt.stop();
    report.close();
  }
}

function cacheRequestOf({ cache, force, maxAge }: RunCommandOptions) {
  return {
    ...(cache !== undefined && { mode: cache }),
    ...(force !== undefined && { force }),
    ...(maxAge !== undefined && { maxAge: maxAge as Duration }),
  };
}

function exitCodeOfRun(status: string, interrupted: number): number {
  if (status === 'succeeded') return EXIT.ok;
  return status === 'failed' ? EXIT.failed : interrupted;
}

/** Reads no parameters of a flow with mistakes: the mistakes are reported first. */
function gatherUnlessInvalid(description: FlowDescription, rest: readonly string[], options: RunCommandOptions) {
  if (description.findings.length > 0) return {};
  const file = options.params === undefined ? {} : { paramsFile: options.params };
  return gatherParameters(description, { rest, env: process.env, ...file });
}

/** A debugger needs everything in one thread. */
function runnerOf({ inspect, runner }: RunCommandOptions): { readonly runner?: string } {
  if (inspect) return { runner: 'inline' };
  return runner === undefined ? {} : { runner };
}
