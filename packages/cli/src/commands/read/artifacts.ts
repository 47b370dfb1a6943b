import { writeFileSync } from 'node:fs';
import type { RunView, TaskView } from '@varve/client';
import { type Reference, VarveError } from '@varve/core/contract';
import type { OpenHistory } from '@varve/runtime';
import { EXIT } from '../../exit-codes.ts';
import { bytes } from '../../print/format.ts';
import { print, printJson, writeStdout } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { plain } from '../../print/text.ts';
import { showValue, toJson } from '../../print/value.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec } from '../targets.ts';
import { isStoredFile, outputStoredFile } from './stored-file.ts';

/** `varve artifacts ls` */
export async function listArtifacts(target: string, options: CommonOptions): Promise<number> {
  return withHistory(options, async (opened) => {
    const { references } = await find(opened, target);
    if (options.json) printJson({ artifacts: references });
    else {
      const rows = Object.entries(references).map(([name, { size, codec, digest }]) => [
        plain(name),
        bytes(size),
        codec,
        digest.slice(0, 19),
      ]);
      print(rows.length === 0 ? 'no artifacts' : table(['ARTIFACT', 'SIZE', 'CODEC', 'DIGEST'], rows));
    }
    return EXIT.ok;
  });
}

/**
 * `varve artifacts get`: prints plain data as JSON and binary data unchanged; other values as Node shows them, or an
 * error with `--json`. With `--output` a stored folder becomes a folder.
 */
export async function getArtifact(
  target: string,
  name: string,
  options: CommonOptions & { readonly output?: string },
): Promise<number> {
  return withHistory(
    options,
    async (opened) => {
      const reference = pick(await find(opened, target), target, name);
      if (isStoredFile(reference)) return outputStoredFile(opened.history, name, reference, options);
      const value = await opened.history.value(reference);
      if (options.output !== undefined) write(options.output, fileContent(value));
      else if (options.json) print(asJson(name, value));
      else if (value instanceof Uint8Array && !process.stdout.isTTY) writeStdout(value);
      else print(showValue(value));
      return EXIT.ok;
    },
    'long',
  );
}

async function find({ history }: OpenHistory, target: string): Promise<RunView | TaskView> {
  const path = readPathspec(target);
  const run = await history.find(path);
  return path.task === undefined ? run : run.task(path.task);
}

function pick(from: RunView | TaskView, target: string, name: string): Reference {
  const reference = Object.hasOwn(from.references, name) ? from.references[name] : undefined;
  if (reference) return reference;
  const branches = Object.hasOwn(from.conflicts, name) ? from.conflicts[name] : undefined;
  if (branches) {
    throw new VarveError('VARVE_BRANCHES_DIFFER', `${branches.join(' and ')} left different values of '${name}'`, {
      hint: `Name one of them: varve artifacts get ${target}/${branches[0]} ${name}`,
    });
  }
  const known = Object.keys(from.references).map(plain).join(', ') || 'none';
  throw new VarveError('VARVE_NO_ARTIFACT', `${target} has no artifact '${name}'`, { hint: `Artifacts: ${known}` });
}

function write(file: string, content: Uint8Array | string): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new VarveError('VARVE_USAGE', `--output ${file}: ${(error as Error).message}`, {
      cause: error,
      hint: 'Name a file that can be written, in a folder that exists.',
    });
  }
}

function fileContent(value: unknown): Uint8Array | string {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? value : `${showValue(value)}\n`;
}

function asJson(name: string, value: unknown): string {
  const json = toJson(value);
  if (json !== undefined) return json;
  throw new VarveError('VARVE_NOT_JSON', `JSON cannot say what '${name}' holds`, {
    hint: 'Leave out --json to see it as Node shows it, or read it from code: client(MyFlow).last().',
  });
}
