import { readdirSync } from 'node:fs';
import { basename, dirname, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, type SourceLocation, VarveError } from '@varve/core/contract';
import type { Location, Message } from 'esbuild';
import { nearestNames } from './nearest-names.ts';
import type { PackageIndex } from './package-index.ts';
import { originAt, type SourceMap } from './source-map.ts';

/** Turns all mistakes that esbuild found into one `VarveError`; returns any other error as it is. */
export function toCompileError(entry: string, error: unknown, packageOf: PackageIndex): unknown {
  const messages = messagesOf(error);
  if (!messages) return error;
  const findings = messages.map((message) => toFinding(message, parse(entry).root, packageOf));
  const [first] = findings;
  const message =
    findings.length === 1 && first ? first.message : `${findings.length} mistakes in the code of ${entry}`;
  return new VarveError('VARVE_COMPILE', message, {
    findings,
    ...(findings.length === 1 && first?.hint !== undefined && { hint: first.hint }),
    ...(first?.location && { location: first.location }),
  });
}

/** A constant of an `enum` of another file, which stands for the name of its member in compiled code. */
const CONSTANT = /[\d"'] \/\* ([^*]+) \*\//;
const AROUND = 40;

/**
 * The mistake in compiled code that cannot be parsed, as it was written: members of an enum that code assigns to, for which
 * esbuild has put their values. `undefined` when there is none.
 */
export async function assignedConstant(
  code: string,
  map: SourceMap,
  parseCode: (code: string) => Promise<unknown>,
): Promise<VarveError | undefined> {
  if (!CONSTANT.test(code)) return undefined;
  const error = await parseCode(code).then(
    () => undefined,
    (e: unknown) => e,
  );
  const findings = (messagesOf(error) ?? []).flatMap(({ location }) => {
    if (!location) return [];
    const offset = offsetOf(code, location);
    const origin = originAt(map, code, offset);
    if (!origin?.source.startsWith('file:')) return [];
    const member = CONSTANT.exec(code.slice(Math.max(0, offset - 1), offset + location.lineText.length + AROUND))?.[1];
    const { line, column } = origin;
    return [
      {
        code: 'VARVE_COMPILE' as const,
        message: `${member ?? 'a constant'} is a member of an enum and cannot be changed`,
        hint: 'Keep what changes in a field of the flow.',
        location: { file: fileURLToPath(origin.source), line, column },
      },
    ];
  });
  const [first] = findings;
  if (!first) return undefined;
  return new VarveError('VARVE_COMPILE', first.message, { findings, hint: first.hint, location: first.location });
}

/** esbuild counts columns in UTF-8 bytes. */
function offsetOf(code: string, { line, column, lineText }: Location): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = code.indexOf('\n', start) + 1;
  return start + Buffer.from(lineText, 'utf8').subarray(0, column).toString('utf8').length;
}

function messagesOf(error: unknown): readonly Message[] | undefined {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return undefined;
  return error.errors as readonly Message[];
}

function toFinding(message: Message, root: string, packageOf: PackageIndex): Finding {
  const location = message.location ? toLocation(message.location, root) : undefined;
  const missing = /^Could not resolve "(.*)"/.exec(message.text)?.[1];
  const text =
    missing !== undefined && location ? `cannot resolve '${missing}', imported by ${place(location)}` : message.text;
  const hint = missing !== undefined && location ? missingHint(missing, location, message, packageOf) : hintOf(message);
  return {
    code: 'VARVE_COMPILE',
    message: text,
    ...(hint !== undefined && { hint }),
    ...(location && { location }),
  };
}

function place({ file, line }: SourceLocation): string {
  return `${file}:${line}`;
}

/** esbuild counts columns from 0 in UTF-8 bytes, editors from 1 in characters. */
function toLocation({ file, line, column, lineText }: Location, root: string): SourceLocation {
  const before = Buffer.from(lineText, 'utf8').subarray(0, column).toString('utf8');
  return { file: resolve(root, file), line, column: before.length + 1 };
}

function hintOf({ text, notes }: Message): string | undefined {
  if (text.startsWith('No loader is configured')) {
    return "Read it as data instead: readFile(new URL('./file', import.meta.url)).";
  }
  const said = notes.map((note) => note.text).filter((note) => note !== '');
  return said.length > 0 ? said.join(' ') : undefined;
}

function missingHint(specifier: string, at: SourceLocation, message: Message, packageOf: PackageIndex): string {
  if (/^\.{0,2}\//.test(specifier)) return missingFileHint(specifier, at.file);
  if (specifier.startsWith('#'))
    return `Add "${specifier}" to "imports" in the package.json of ${packageOf(at.file)?.directory ?? dirname(at.file)}.`;
  const notExported = message.notes.find(({ text }) => text.includes('not exported') || text.includes('package'));
  if (notExported && !notExported.text.startsWith('You can mark')) return notExported.text;
  const name = packageName(specifier);
  return `Install it in ${packageOf(at.file)?.directory ?? dirname(at.file)}: npm install ${name}`;
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function missingFileHint(specifier: string, importer: string): string {
  const path = resolve(dirname(importer), specifier);
  const near = nearestNames(basename(path), namesIn(dirname(path)));
  if (near.length > 0) return `${dirname(path)} holds ${near.join(', ')}.`;
  return `There is no such file in ${dirname(path)}.`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
