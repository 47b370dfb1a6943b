import { VarveError } from '@varve/core/contract';
import { type Composition, type OriginRun, openOrigin, prepare, type ResumeRequest, type Target } from '@varve/runtime';
import { withStdoutOnStderr } from '../../print/stdout.ts';
import { findProject } from '../open-project.ts';
import { readPathspec, type SourceOptions, targetOfRun } from '../targets.ts';
import { executeReported, type RunCommandOptions } from './run.ts';

export interface ResumeCommandOptions
  extends Omit<RunCommandOptions, 'ownHelp' | 'help' | 'force' | 'params' | 'inspect'>,
    SourceOptions {
  readonly from?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  readonly trust?: string | undefined;
}

/** `varve resume`: the exit codes are those of `varve run`. */
export async function resume(path: string | undefined, { from, set, trust, ...options }: ResumeCommandOptions) {
  const request = readRequest({ from, set, trust });
  const stack = await findProject(options);
  try {
    const opened = await stack.get('history');
    const onDamage = ({ message }: VarveError) => process.stderr.write(`! ${message}\n`);
    const of = await openOrigin(opened.history, path === undefined ? undefined : readPathspec(path), onDamage);
    const target = await targetOfRun(of.run, of.history, stack.source.setup, options);
    // The new run is written to the store of the old one, even if the flow's file has moved to another project.
    return await start(stack, target, of, request, options);
  } finally {
    await stack.close();
  }
}

async function start(
  stack: Composition,
  target: Target,
  of: OriginRun,
  request: ResumeRequest,
  options: Omit<ResumeCommandOptions, 'from' | 'set' | 'trust'>,
): Promise<number> {
  const prepared = await withStdoutOnStderr(() => prepare(stack, target, options));
  try {
    const cache = options.cache === undefined ? {} : { cacheRequest: { mode: options.cache } };
    return await executeReported(prepared, { resume: { of, request }, ...cache }, options);
  } finally {
    await prepared.close();
  }
}

function readRequest({ from, set, trust }: Pick<ResumeCommandOptions, 'from' | 'set' | 'trust'>): ResumeRequest {
  const parameters = (set ?? []).map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name !== undefined && value !== undefined) return [name, { value, from: '--set', text: true }] as const;
    throw new VarveError('VARVE_USAGE', `--set ${text}`, { hint: 'Write a name and a value: --set folds=10' });
  });
  return {
    ...(from && { from }),
    ...(trust !== undefined && { trust }),
    ...(parameters.length > 0 && { set: Object.fromEntries(parameters) }),
  };
}
