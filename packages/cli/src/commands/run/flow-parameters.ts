import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Finding, VarveError } from '@varve/core/contract';
import { type FlowDescription, nearest, type ParameterInput, parseExactJson } from '@varve/core/internal';
import { table } from '../../print/table.ts';

export interface ParameterSources {
  /** Arguments after the flow's file on the command line. */
  readonly rest: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--params`: a JSON file, or `-` for standard input. */
  readonly paramsFile?: string;
}

/** Collects values of parameters: flags win over the environment, that over the file. Throws all mistakes at once. */
export function gatherParameters(
  description: FlowDescription,
  sources: ParameterSources,
): Record<string, ParameterInput> {
  const fromFile = sources.paramsFile === undefined ? {} : readParamsFile(sources.paramsFile);
  const { values, findings } = readFlags(description, sources.rest);
  if (findings.length > 0)
    throw new VarveError('VARVE_USAGE', `${description.name} does not take these options`, { findings });
  return { ...fromFile, ...fromEnv(description, sources.env), ...values };
}

function readParamsFile(file: string): Record<string, ParameterInput> {
  const from = file === '-' ? 'standard input' : file;
  try {
    const parsed = parseExactJson(readFileSync(file === '-' ? 0 : file, 'utf8'));
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

function fromEnv(description: FlowDescription, env: ParameterSources['env']): Record<string, ParameterInput> {
  const values: Record<string, ParameterInput> = {};
  for (const { name } of description.params) {
    const variable = `VARVE_PARAM_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
    if (env[variable] !== undefined) values[name] = { value: env[variable], from: variable, text: true };
  }
  return values;
}

type Param = FlowDescription['params'][number];

/** Parses the parameters on the command line, and collects every mistake. */
export function readFlags(
  description: FlowDescription,
  rest: readonly string[],
): { readonly values: Record<string, ParameterInput>; readonly findings: readonly Finding[] } {
  const byFlag = flagsOf(description.params);
  const options = Object.fromEntries([...byFlag].map(([flag, p]) => [flag, { type: argumentType(p) }]));
  const { tokens } = parseArgs({
    args: dropDashes(rest),
    options,
    strict: false,
    tokens: true,
    allowNegative: true,
  });
  const values: Record<string, ParameterInput> = {};
  const findings: Finding[] = [];
  /** The argument after an unknown option is taken for its value, and not reported again. */
  let isValueOfUnknown = false;
  for (const token of tokens) {
    if (token.kind === 'positional' && !isValueOfUnknown) findings.push(extraArgument(token.value));
    isValueOfUnknown = false;
    if (token.kind !== 'option') continue;
    const param = paramOf(token, byFlag);
    isValueOfUnknown = !param && token.value === undefined;
    if (!param) findings.push(unknownOption(token.rawName, description));
    else if (param.kind === 'boolean')
      values[param.name] = fromCommandLine(token.value ?? String(!isNegated(token, byFlag)));
    else if (token.value === undefined) findings.push(missingValue(token.rawName, param));
    else values[param.name] = fromCommandLine(token.value);
  }
  return { values, findings };
}

/** Drops the first `--`. After it stand parameters that have the name of an option of `varve run`. */
function dropDashes(rest: readonly string[]): string[] {
  const at = rest.indexOf('--');
  return rest.filter((_, i) => i !== at);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
}

/** Maps both `--max-depth` and `--maxDepth`. */
function flagsOf(params: readonly Param[]): Map<string, Param> {
  return new Map(params.flatMap((p) => [[kebab(p.name), p] as const, [p.name, p] as const]));
}

function argumentType(param: Param): 'boolean' | 'string' {
  return param.kind === 'boolean' ? 'boolean' : 'string';
}

function paramOf(token: OptionToken, byFlag: ReadonlyMap<string, Param>): Param | undefined {
  const positive = token.rawName.replace(/^--no-/, '');
  return byFlag.get(token.name) ?? (isNegated(token, byFlag) ? byFlag.get(positive) : undefined);
}

function isNegated({ name, rawName }: OptionToken, byFlag: ReadonlyMap<string, Param>): boolean {
  return (
    rawName.startsWith('--no-') && !byFlag.has(rawName.slice(2)) && (byFlag.get(name)?.kind ?? 'boolean') === 'boolean'
  );
}

function fromCommandLine(value: string): ParameterInput {
  return { value, from: 'command line', text: true };
}

function extraArgument(text: string): Finding {
  return usage(`'${text}' is one argument too many`, 'Values of parameters are given as --name value.');
}

function missingValue(rawName: string, param: Param): Finding {
  return usage(`${rawName} needs a value`, `Write ${rawName} <${param.kind}>`);
}

function unknownOption(rawName: string, { name, params }: FlowDescription): Finding {
  const flags = params.map((p) => `--${kebab(p.name)}`);
  const near = nearest(rawName, flags);
  const all = flags.length > 0 ? `Parameters: ${flags.join(', ')}` : `${name} has no parameters.`;
  const message = `${rawName} is neither an option of varve run nor a parameter of ${name}`;
  return usage(message, near === undefined ? all : `Did you mean ${near}?`);
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

/** Help of `varve run flow.ts --help`: the flow's parameters, then the options of `varve run` (`own`). */
export function parameterHelp(file: string, description: FlowDescription, own: string): string {
  const taken = new Set(own.match(/--[a-z-]+/g));
  const rows = description.params.map((param) => [`  ${flag(param, taken)}`, limits(param), param.help ?? '']);
  const parameters = rows.length === 0 ? '  none' : table(['', '', ''], rows).replace(/^\n/, '');
  return `${description.name}: varve run ${file} [parameters] [options]

Parameters
${parameters}

Each may also come from the environment (VARVE_PARAM_NAME) or from a JSON file (--params file.json).

${own}`;
}

/** The flag of a parameter; one that has the name of an option must come after `--`. */
function flag({ name, kind, default: fallback }: Param, taken: ReadonlySet<string>): string {
  const text =
    kind === 'boolean'
      ? fallback === 'true'
        ? `--no-${kebab(name)}`
        : `--${kebab(name)}`
      : `--${kebab(name)} <${kind}>`;
  return taken.has(`--${kebab(name)}`) ? `-- ${text}` : text;
}

function limits(param: Param): string {
  const parts = [param.required ? 'required' : param.default === undefined ? '' : `default ${param.default}`];
  if (param.min !== undefined) parts.push(`from ${param.min}`);
  if (param.max !== undefined) parts.push(`to ${param.max}`);
  if (param.choices !== undefined) parts.push(`one of ${param.choices.join(', ')}`);
  return parts.filter((part) => part !== '').join(', ');
}
