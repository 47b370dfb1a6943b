import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, type SourceLocation, type StoredError, StoreError, VarveError } from '@varve/core/contract';
import { shownStoreCode } from '../error-codes/store.ts';
import { entryOf } from '../error-codes/table.ts';
import type { Paint } from './format.ts';
import { plain, plainLines } from './text.ts';

/** Folder of the engine's own code, which is never at fault for a step's error. */
const ENGINE = dirname(fileURLToPath(import.meta.resolve('@varve/core')));

/** What a person reads when something went wrong: what, where, what to do; a stack only with `debug`. */
export function renderError(error: unknown, paint: Paint, debug: boolean): string {
  if (!VarveError.is(error)) return renderOther(error, paint, debug);
  const lines = [`${paint('red', '✖')} ${error.message}  ${paint('dim', error.code)}`, ...where(error.location)];
  if (error.hint !== undefined) lines.push(`  ${paint('cyan', '→')} ${error.hint}`);
  // A single finding may be the error itself: it is said once.
  const findings = error.findings.filter((finding) => finding.message !== error.message);
  for (const finding of findings) lines.push(...renderFinding(finding, paint));
  if (debug && error.stack) lines.push(paint('dim', error.stack));
  return lines.join('\n');
}

function renderFinding(finding: Finding, paint: Paint): string[] {
  const lines = [
    '',
    `  ${paint('red', '✖')} ${finding.message}  ${paint('dim', finding.code)}`,
    ...where(finding.location).map((l) => `  ${l}`),
  ];
  if (finding.hint !== undefined) lines.push(`    ${paint('cyan', '→')} ${finding.hint}`);
  return lines;
}

function where(location: SourceLocation | undefined): string[] {
  if (!location) return [];
  const at = `${plain(relative(process.cwd(), location.file) || location.file)}:${location.line}`;
  return [`    ${at}`, ...codeFrame(location).map((line) => `    ${line}`)];
}

function renderOther(error: unknown, paint: Paint, debug: boolean): string {
  const lines = StoreError.is(error) ? renderStoreError(error, paint) : renderUnknown(error, paint, debug);
  if (debug && error instanceof Error && error.stack) lines.push(paint('dim', error.stack));
  return lines.join('\n');
}

function renderStoreError(error: StoreError, paint: Paint): string[] {
  const { message, code, hint } = withStoreCode({ name: error.name, message: error.message, code: error.code });
  const first = `${paint('red', '✖')} ${message}  ${paint('dim', code ?? '')}`;
  return hint === undefined ? [first] : [first, `  ${paint('cyan', '→')} ${hint}`];
}

/** A store says what happened; the code people look up, and what to do, are in the table. Others stay as they are. */
function withStoreCode(error: StoredError): StoredError {
  const code = error.name === 'StoreError' && error.code !== undefined ? shownStoreCode(error.code) : '';
  const entry = entryOf(code);
  return entry ? { ...error, code, hint: error.hint ?? entry.remedy.replaceAll('`', '') } : error;
}

function renderUnknown(error: unknown, paint: Paint, debug: boolean): string[] {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `Error: ${String(error)}`;
  const first = `${paint('red', '✖')} ${message}`;
  return debug ? [first] : [first, `  ${paint('cyan', '→')} Run again with --debug to see where it comes from.`];
}

/** A step's error as the journal holds it, with the user's own line. Its texts come from elsewhere: they are cleaned. */
export function renderStored(stored: StoredError, paint: Paint): string[] {
  const error = withStoreCode(stored);
  const [first = '', ...more] = plainLines(headline(error));
  const code = error.code === undefined ? '' : `  ${paint('dim', plain(error.code))}`;
  const lines = [`${paint('red', first)}${code}`, ...more.map((line) => paint('red', line))];
  lines.push(...where(placeOf(error)));
  if (error.hint !== undefined) lines.push(`${paint('cyan', '→')} ${plain(error.hint)}`);
  // What varve says itself includes what made it say so.
  for (let cause = isOurs(error) ? undefined : error.cause; cause; cause = cause.cause)
    lines.push(`caused by ${plain(headline(cause))}`);
  return lines;
}

/** An error's class tells people something, unless it is varve's own. */
export function headline(error: StoredError): string {
  return isOurs(error) ? error.message : `${error.name}: ${error.message}`;
}

function isOurs({ code }: StoredError): boolean {
  return code?.startsWith('VARVE_') ?? false;
}

/** The first line of it, for places with room for one. */
export function shortError(error: StoredError | undefined): string {
  return error === undefined ? '' : (plainLines(headline(error))[0] ?? '');
}

/** Where in the user's own files it happened. */
export function placeOf(error: StoredError | undefined): SourceLocation | undefined {
  return error?.location ?? userFrame(error?.stack);
}

/** The innermost frame that lies in the user's own files. */
export function userFrame(stack: string | undefined): SourceLocation | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const match = /(?:\(|at )(?:async )?(?:file:\/\/)?(\/[^()]+|[A-Za-z]:[^()]+):(\d+):(\d+)\)?$/.exec(line.trim());
    const [, file, row, column] = match ?? [];
    if (!file || file.includes('node_modules') || file.startsWith(ENGINE)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** The line at fault with one line before and after it; nothing when the file is gone. */
export function codeFrame({ file, line, column }: SourceLocation): string[] {
  const source = readLines(file);
  if (source === undefined || source[line - 1] === undefined) return [];
  const first = Math.max(1, line - 1);
  const last = Math.min(source.length, line + 1);
  const gutter = String(last).length;
  const frame: string[] = [];
  for (let at = first; at <= last; at++) {
    const text = oneLine(source[at - 1] ?? '').slice(0, 160);
    frame.push(`${at === line ? '❯' : ' '} ${String(at).padStart(gutter)} │ ${text}`.trimEnd());
    if (at === line && column !== undefined && column <= 160)
      frame.push(`  ${' '.repeat(gutter)} │ ${' '.repeat(column - 1)}^`);
  }
  return frame;
}

function readLines(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return undefined;
  }
}

/** A tab becomes one space, so that the mark below stays under its column. */
function oneLine(text: string): string {
  return plain(text.replaceAll('\t', ' '));
}

/** Whether a line is one of those above: it may be cut at the edge of the screen, as nothing is said only there. */
export function isCodeLine(line: string): boolean {
  return /^ *(?:❯ )? *\d* │/.test(line);
}
