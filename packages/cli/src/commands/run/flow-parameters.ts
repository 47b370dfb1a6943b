import { readFileSync } from 'node:fs';
import { type FlowDescription, type Given, VarveError } from '@varve/core/app';
import { kebab, readFlags } from './flow-flags.ts';

export interface ParameterSources {
  /** What stood after the flow's file on the command line. */
  readonly rest: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--params`: a JSON file, or `-` for standard input. */
  readonly paramsFile?: string;
}

/** Values for a flow's parameters: flag before environment before file. Throws every mistake at once. */
export function gatherParameters(description: FlowDescription, sources: ParameterSources): Record<string, Given> {
  const fromFile = sources.paramsFile === undefined ? {} : readParamsFile(sources.paramsFile);
  const { given, findings } = readFlags(description, sources.rest);
  if (findings.length > 0)
    throw new VarveError('VARVE_USAGE', `${description.name} does not take these options`, { findings });
  return { ...fromFile, ...fromEnv(description, sources.env), ...given };
}

function readParamsFile(file: string): Record<string, Given> {
  const from = file === '-' ? 'standard input' : file;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new Error('it is not a JSON object');
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, { value, from }]));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'there is no such file' : message;
    throw new VarveError('VARVE_USAGE', `--params ${file}: ${what}`, {
      cause: error,
      hint: 'Give a file with one JSON object: { "folds": 10 }',
    });
  }
}

function fromEnv(description: FlowDescription, env: ParameterSources['env']): Record<string, Given> {
  const given: Record<string, Given> = {};
  for (const { name } of description.params) {
    const variable = `VARVE_PARAM_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
    if (env[variable] !== undefined) given[name] = { value: env[variable], from: variable };
  }
  return given;
}
