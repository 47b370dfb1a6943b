import type { Finding } from '../../contract/index.ts';
import type { FlowClass } from '../authoring/flow.ts';
import { type ParamDescription, type ParamSpec, showValue } from '../authoring/param-spec.ts';
import { suggest } from '../authoring/suggest.ts';
import { inspectFlow } from './inspect-flow.ts';
import { type FileReader, localFiles, type Parsed, parseFile, parseValue, parseWithSchema } from './param-values.ts';

/** The value of a parameter as it was given, with its origin. */
export interface ParameterInput {
  readonly value: unknown;
  /** For messages: `command line`, `VARVE_PARAM_FOLDS`, `params.json`. */
  readonly from: string;
  /** True for a value that was written as text, as in a flag: JSON in it is read. Default: false. */
  readonly text?: boolean;
}

export interface Parameters {
  /** By field, ready for the constructor. */
  readonly values: Record<string, unknown>;
  /** For people; a file is shown by its path. */
  readonly shown: Record<string, string>;
  readonly findings: Finding[];
}

/** Checks values against the parameters that the flow declares. Collects all mistakes; never rejects because of a value. */
export async function parseParameters(
  Class: FlowClass,
  inputs: Readonly<Record<string, ParameterInput>>,
  files: FileReader = localFiles,
): Promise<Parameters> {
  const { description, specs } = inspectFlow(Class);
  const parsed: Parameters = { values: Object.create(null), shown: Object.create(null), findings: [] };
  const names = description.params.map((p) => p.name);
  for (const [name, { from }] of Object.entries(inputs)) {
    if (!names.includes(name)) parsed.findings.push(unknownName(name, from, names));
  }
  for (const declared of description.params) {
    const spec = specs.get(declared.name);
    const input = Object.hasOwn(inputs, declared.name) ? inputs[declared.name] : undefined;
    if (spec) await parseOne(parsed, declared, spec, input, files);
  }
  return parsed;
}

async function parseOne(
  parsed: Parameters,
  declared: ParamDescription,
  spec: ParamSpec,
  input: ParameterInput | undefined,
  files: FileReader,
): Promise<void> {
  const { name } = declared;
  const value = input ? input.value : spec.fallback?.value;
  if (!input && !spec.fallback && spec.kind !== 'schema') {
    parsed.findings.push(missing(declared));
    return;
  }
  const result = await parseAny(spec, value, input?.text ?? false, files);
  if ('value' in result) {
    if (result.value === undefined) return;
    parsed.values[name] = result.value;
    parsed.shown[name] = showValue(spec.kind === 'file' ? value : result.value);
  } else if (!input && !spec.fallback) {
    parsed.findings.push(missing(declared));
  } else {
    parsed.findings.push(misfit(declared, value, result.problem, input?.from));
  }
}

function parseAny(spec: ParamSpec, value: unknown, text: boolean, files: FileReader): Parsed | Promise<Parsed> {
  if (spec.schema) return parseWithSchema(spec.schema, value, text);
  return spec.kind === 'file' ? parseFile(spec, value, files) : parseValue(spec, value, text);
}

/** The finding names the line that declares the parameter only when its default is the mistake. */
function misfit(declared: ParamDescription, value: unknown, problem: string, from: string | undefined): Finding {
  const { name, help, location } = declared;
  const about = help === undefined ? '' : ` (${help})`;
  return {
    code: 'VARVE_PARAM_VALUE',
    message: `${name}=${showValue(value)}: ${problem}${about}. From: ${from ?? 'the default'}.`,
    ...(from === undefined && location && { location }),
  };
}

function missing({ name, kind, help, location }: ParamDescription): Finding {
  return {
    code: 'VARVE_PARAM_MISSING',
    message: `${name} is required${help === undefined ? '' : ` (${help})`}, and nothing was given`,
    hint: `Give it as --${words(name, '-').toLowerCase()} <${kind}>, as VARVE_PARAM_${words(name, '_').toUpperCase()}, in a file with --params, or declare a default.`,
    ...(location && { location }),
  };
}

/** `learningRate` is `learning-Rate`. */
function words(name: string, between: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, `$1${between}$2`);
}

function unknownName(name: string, from: string, names: readonly string[]): Finding {
  return {
    code: 'VARVE_PARAM_UNKNOWN',
    message: `the flow has no parameter '${name}'. From: ${from}.`,
    hint: suggest(name, names, 'parameters'),
  };
}
