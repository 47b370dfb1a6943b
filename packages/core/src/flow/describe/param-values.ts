import { readFile, stat } from 'node:fs/promises';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ParamLimits, ParamSpec } from '../authoring/param-spec.ts';
import { parseExactJson } from './exact-json.ts';

/** A valid value, or the problem with it. */
export type Parsed = { readonly value: unknown } | { readonly problem: string };

/** Parses a value of every kind but `schema` and `file`. `text`: it came from a flag or a variable. */
export function parseValue(spec: ParamSpec, input: unknown, text: boolean): Parsed {
  const { limits } = spec;
  switch (spec.kind) {
    case 'int':
      return parseNumber(input, limits, /^[+-]?\d+$/, 'a whole number');
    case 'number':
      return parseNumber(input, limits, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'a number');
    case 'boolean':
      return parseBoolean(input);
    case 'enum':
      return typeof input === 'string' && limits.choices?.includes(input)
        ? { value: input }
        : { problem: `must be one of ${limits.choices?.join(', ')}` };
    case 'url':
      return parseUrl(input, limits);
    case 'json':
      return parseJson(input, text);
    default:
      return parseText(input, limits);
  }
}

function parseNumber(input: unknown, limits: ParamLimits, form: RegExp, what: string): Parsed {
  const value = typeof input === 'string' && form.test(input.trim()) ? Number(input) : input;
  const whole = what !== 'a number';
  if (typeof value !== 'number' || !Number.isFinite(value)) return { problem: `must be ${what}` };
  if (whole && !Number.isSafeInteger(value)) {
    return { problem: Number.isInteger(value) ? 'is too large to be exact' : `must be ${what}` };
  }
  if (limits.min !== undefined && value < limits.min) return { problem: `must be >= ${limits.min}` };
  if (limits.max !== undefined && value > limits.max) return { problem: `must be <= ${limits.max}` };
  return { value };
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

function parseBoolean(input: unknown): Parsed {
  if (typeof input === 'boolean') return { value: input };
  const word = typeof input === 'string' ? input.trim().toLowerCase() : '';
  return Object.hasOwn(TRUTHS, word) ? { value: TRUTHS[word] } : { problem: 'must be true or false' };
}

function parseUrl(input: unknown, limits: ParamLimits): Parsed {
  if (typeof input !== 'string' || !URL.canParse(input)) {
    return { problem: 'must be an absolute URL, e.g. https://example.org/data.json' };
  }
  const protocol = new URL(input).protocol.replace(/:$/, '');
  const { protocols } = limits;
  if (protocols && !protocols.some((allowed) => allowed.replace(/:$/, '') === protocol)) {
    return { problem: `must be a URL of ${protocols.join(' or ')}` };
  }
  return { value: input };
}

function parseJson(input: unknown, text: boolean): Parsed {
  if (!text || typeof input !== 'string') return { value: input };
  try {
    return { value: parseExactJson(input) };
  } catch (error) {
    return { problem: `must be JSON (${(error as Error).message})` };
  }
}

function parseText(input: unknown, limits: ParamLimits): Parsed {
  if (typeof input !== 'string') return { problem: 'must be text' };
  const { minLength, maxLength, pattern } = limits;
  if (minLength !== undefined && input.length < minLength)
    return { problem: `must have at least ${minLength} characters` };
  if (maxLength !== undefined && input.length > maxLength)
    return { problem: `must have at most ${maxLength} characters` };
  if (pattern && input.search(pattern) < 0) return { problem: `must match ${pattern}` };
  return { value: input };
}

/** Reads the files that parameters name. */
export interface FileReader {
  /** Size in bytes. */
  size(path: string): Promise<number>;
  read(path: string): Promise<Uint8Array>;
}

/** Reads files of this machine, relative to the working directory. */
export const localFiles: FileReader = {
  size: async (path) => (await stat(path)).size,
  read: (path) => readFile(path),
};

/** The content of the file a parameter names. */
export async function parseFile(spec: ParamSpec, input: unknown, files: FileReader): Promise<Parsed> {
  if (input instanceof Uint8Array) return asContent(spec, input);
  if (typeof input !== 'string') return { problem: 'must be the path of a file' };
  const { maxBytes } = spec.limits;
  try {
    const size = await files.size(input);
    if (maxBytes !== undefined && size > maxBytes)
      return { problem: `has ${size} bytes, at most ${maxBytes} are allowed` };
    return asContent(spec, await files.read(input));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { problem: 'there is no such file' };
    return { problem: `cannot be read (${code ?? (error as Error).message})` };
  }
}

function asContent(spec: ParamSpec, bytes: Uint8Array): Parsed {
  // A copy, because a Buffer from a pool shares its memory with other values.
  if (spec.as !== 'text') return { value: Uint8Array.from(bytes) };
  try {
    return { value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not UTF-8 text' };
  }
}

/**
 * The output of a Standard Schema. Text from outside is tried as it is and then as JSON, so that a schema for numbers or
 * objects accepts a flag.
 */
export async function parseWithSchema(schema: StandardSchemaV1, input: unknown, text: boolean): Promise<Parsed> {
  const first = await validate(schema, input);
  if ('value' in first || !text || typeof input !== 'string') return first;
  let json: unknown;
  try {
    json = parseExactJson(input);
  } catch {
    return first;
  }
  return validate(schema, json);
}

async function validate(schema: StandardSchemaV1, input: unknown): Promise<Parsed> {
  try {
    const result = await schema['~standard'].validate(input);
    return result.issues ? { problem: result.issues.map(showIssue).join('; ') } : { value: result.value };
  } catch (error) {
    return {
      problem: `could not be checked by its schema (${error instanceof Error ? error.message : String(error)})`,
    };
  }
}

function showIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => `.${String(typeof part === 'object' ? part.key : part)}`).join('');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
