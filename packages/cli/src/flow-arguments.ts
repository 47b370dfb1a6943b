import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Finding, type FlowDescription, VarveError } from '@varve/core/app';

/** A parameter value and where it was given. */
export interface Given {
  readonly value: unknown;
  readonly from: string;
}

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
  const { given, findings } = fromFlags(description, sources.rest);
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
    throw new VarveError('VARVE_USAGE', `--params ${file}: ${(error as Error).message}`, {
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

function fromFlags(
  description: FlowDescription,
  rest: readonly string[],
): { given: Record<string, Given>; findings: Finding[] } {
  const byFlag = new Map(
    description.params.flatMap(
      (p) =>
        [
          [kebab(p.name), p],
          [p.name, p],
        ] as const,
    ),
  );
  const options = Object.fromEntries(
    [...byFlag].map(([flag, p]) => [flag, { type: p.kind === 'boolean' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...rest], options, strict: false, tokens: true, allowNegative: true });
  const given: Record<string, Given> = {};
  const findings: Finding[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional')
      findings.push(
        usage(`'${token.value}' is one argument too many`, 'Values of parameters are given as --name value.'),
      );
    if (token.kind !== 'option') continue;
    const negated = token.rawName.startsWith('--no-') && !byFlag.has(token.name);
    const param = byFlag.get(token.name) ?? (negated ? byFlag.get(token.rawName.slice('--no-'.length)) : undefined);
    if (!param) findings.push(unknownOption(token.rawName, [...byFlag.keys()]));
    else if (param.kind !== 'boolean' && token.value === undefined)
      findings.push(usage(`${token.rawName} needs a value`, `Write ${token.rawName} <${param.kind}>`));
    else
      given[param.name] = {
        value: param.kind === 'boolean' ? (token.value ?? String(!token.rawName.startsWith('--no-'))) : token.value,
        from: 'command line',
      };
  }
  return { given, findings };
}

function unknownOption(rawName: string, known: readonly string[]): Finding {
  const flags = [...new Set(known.map(kebab))].map((flag) => `--${flag}`);
  return usage(
    `${rawName} is neither an option of varve run nor a parameter of this flow`,
    flags.length > 0 ? `Parameters: ${flags.join(', ')}` : 'The flow has no parameters.',
  );
}

function usage(message: string, hint: string): Finding {
  return { code: 'VARVE_USAGE', message, hint };
}

/** `maxDepth` to `max-depth`. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}
