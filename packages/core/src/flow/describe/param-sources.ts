import { readFile, stat } from 'node:fs/promises';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ParamSpec } from '../authoring/param-spec.ts';
import type { Parsed } from './param-values.ts';

/** Reads the files that parameters name. */
export interface FileReader {
  /** Size in bytes. */
  size(path: string): Promise<number>;
  read(path: string): Promise<Uint8Array>;
}

/** Files of this machine, relative to the working directory. */
export const localFiles: FileReader = {
  size: async (path) => (await stat(path)).size,
  read: (path) => readFile(path),
};

/** The content of the file a parameter names. */
export async function parseFile(spec: ParamSpec, given: unknown, files: FileReader): Promise<Parsed> {
  if (given instanceof Uint8Array) return asContent(spec, given);
  if (typeof given !== 'string') return { problem: 'must be the path of a file' };
  const { maxBytes } = spec.limits;
  try {
    const size = await files.size(given);
    if (maxBytes !== undefined && size > maxBytes)
      return { problem: `has ${size} bytes, at most ${maxBytes} are allowed` };
    return asContent(spec, await files.read(given));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { problem: 'there is no such file' };
    return { problem: `cannot be read (${code ?? (error as Error).message})` };
  }
}

function asContent(spec: ParamSpec, bytes: Uint8Array): Parsed {
  // A Buffer from a pool would be stored with its neighbours' bytes in reach.
  if (spec.as !== 'text') return { value: Uint8Array.from(bytes) };
  try {
    return { value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is not UTF-8 text' };
  }
}

/**
 * The output of a Standard Schema. Text from outside is tried as it is and then as JSON, so that a schema for
 * numbers or objects takes a flag.
 */
export async function parseWithSchema(schema: StandardSchemaV1, given: unknown, text: boolean): Promise<Parsed> {
  const first = await validate(schema, given);
  if ('value' in first || !text || typeof given !== 'string') return first;
  let json: unknown;
  try {
    json = JSON.parse(given);
  } catch {
    return first;
  }
  return validate(schema, json);
}

async function validate(schema: StandardSchemaV1, given: unknown): Promise<Parsed> {
  try {
    const result = await schema['~standard'].validate(given);
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
