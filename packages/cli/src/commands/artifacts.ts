import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { OpenHistory, RunView, TaskView } from '@varve/core/app';
import { type Reference, VarveError } from '@varve/core/contract';
import { EXIT } from '../exit-codes.ts';
import { print, printJson, readPathspec, withHistory } from '../open-project.ts';
import { bytes, plain } from '../print/format.ts';
import { table } from '../print/table.ts';
import type { CommonOptions } from '../program.ts';

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

/** `varve artifacts get`: JSON on stdout when the value is plain data, else as Node shows it; bytes to a file. */
export async function getArtifact(
  target: string,
  name: string,
  options: CommonOptions & { readonly output?: string },
): Promise<number> {
  return withHistory(options, async (opened) => {
    const reference = pick(await find(opened, target), name);
    const value = await opened.history.value(reference);
    if (options.output !== undefined) writeFileSync(options.output, fileContent(value));
    else if (value instanceof Uint8Array && !process.stdout.isTTY) process.stdout.write(value);
    else print(asText(value));
    return EXIT.ok;
  });
}

async function find({ history }: OpenHistory, target: string): Promise<RunView | TaskView> {
  const path = readPathspec(target);
  const run = await history.find(path);
  return path.task === undefined ? run : run.task(path.task);
}

function pick(from: RunView | TaskView, name: string): Reference {
  const reference = Object.hasOwn(from.references, name) ? from.references[name] : undefined;
  if (reference) return reference;
  // What branches left differently is an error of its own, with the way out.
  void (from.artifacts as Record<string, unknown>)[name];
  const known = Object.keys(from.references).join(', ') || 'none';
  throw new VarveError('VARVE_NO_ARTIFACT', `there is no artifact '${name}' there`, { hint: `Artifacts: ${known}` });
}

function fileContent(value: unknown): Uint8Array | string {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? value : `${asText(value)}\n`;
}

/** JSON when it says everything, else Node's own way of showing values. */
function asText(value: unknown): string {
  const json = isJson(value) ? JSON.stringify(value, null, 2) : undefined;
  return json ?? inspect(value, { depth: 8, maxArrayLength: 1000, maxStringLength: 100_000 });
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return (
    typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson)
  );
}
