import { parseArgs } from 'node:util';
import { type Finding, type FlowDescription, type Given, nearest } from '@varve/core/app';

type Param = FlowDescription['params'][number];

/** The values of parameters that stand on the command line, and every mistake there. */
export function readFlags(
  description: FlowDescription,
  rest: readonly string[],
): { readonly given: Record<string, Given>; readonly findings: readonly Finding[] } {
  const byFlag = flagsOf(description.params);
  const options = Object.fromEntries([...byFlag].map(([flag, p]) => [flag, { type: typeOf(p) }]));
  const { tokens } = parseArgs({
    args: withoutDashes(rest),
    options,
    strict: false,
    tokens: true,
    allowNegative: true,
  });
  const given: Record<string, Given> = {};
  const findings: Finding[] = [];
  /** What follows an option nobody knows was meant as its value. */
  let isValueOfUnknown = false;
  for (const token of tokens) {
    if (token.kind === 'positional' && !isValueOfUnknown) findings.push(stray(token.value));
    isValueOfUnknown = false;
    if (token.kind !== 'option') continue;
    const param = paramOf(token, byFlag);
    isValueOfUnknown = !param && token.value === undefined;
    if (!param) findings.push(unknownOption(token.rawName, description));
    else if (param.kind === 'boolean') given[param.name] = said(token.value ?? String(!isNegated(token, byFlag)));
    else if (token.value === undefined) findings.push(withoutValue(token.rawName, param));
    else given[param.name] = said(token.value);
  }
  return { given, findings };
}

/** Behind `--` too there are parameters: those that are called like an option of `varve run`. */
function withoutDashes(rest: readonly string[]): string[] {
  const at = rest.indexOf('--');
  return rest.filter((_, i) => i !== at);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
}

/** Both `--max-depth` and `--maxDepth`. */
function flagsOf(params: readonly Param[]): Map<string, Param> {
  return new Map(params.flatMap((p) => [[kebab(p.name), p] as const, [p.name, p] as const]));
}

function typeOf(param: Param): 'boolean' | 'string' {
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

function said(value: string): Given {
  return { value, from: 'command line' };
}

function stray(text: string): Finding {
  return usage(`'${text}' is one argument too many`, 'Values of parameters are given as --name value.');
}

function withoutValue(rawName: string, param: Param): Finding {
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
