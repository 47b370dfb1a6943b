import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, type SourceLocation, type StoredError, StoreError, VarveError } from '@varve/core/contract';
import { entryOf, shownStoreCode } from '../error-codes/index.ts';
import type { Paint } from './format.ts';
import { plain, plainLines } from './text.ts';

/** Folder of the engine's code: its frames are skipped when looking for the line at fault. */
const ENGINE = dirname(fileURLToPath(import.meta.resolve('@varve/core')));

/** Renders an error for the terminal: message, location, hint; with `debug` also the stack. */
export function renderError(error: unknown, paint: Paint, debug: boolean): string {
  if (!VarveError.is(error)) return renderForeignError(error, paint, debug);
  const lines = [
    `${paint('red', '✖')} ${error.message}  ${paint('dim', error.code)}`,
    ...locationLines(error.location),
  ];
  if (error.hint !== undefined) lines.push(`  ${paint('cyan', '→')} ${error.hint}`);
  // A single finding may repeat the error itself.
  const findings = error.findings.filter((finding) => finding.message !== error.message);
  for (const finding of findings) lines.push(...renderFinding(finding, paint));
  if (debug && error.stack) lines.push(paint('dim', error.stack));
  return lines.join('\n');
}

function renderFinding(finding: Finding, paint: Paint): string[] {
  const lines = [
    '',
    `  ${paint('red', '✖')} ${finding.message}  ${paint('dim', finding.code)}`,
    ...locationLines(finding.location).map((l) => `  ${l}`),
  ];
  if (finding.hint !== undefined) lines.push(`    ${paint('cyan', '→')} ${finding.hint}`);
  return lines;
}

function locationLines(location: SourceLocation | undefined): string[] {
  if (!location) return [];
  const at = `${plain(relative(process.cwd(), location.file) || location.file)}:${location.line}`;
  return [`    ${at}`, ...codeFrame(location).map((line) => `    ${line}`)];
}

function renderForeignError(error: unknown, paint: Paint, debug: boolean): string {
  const lines = StoreError.is(error) ? renderStoreError(error, paint) : renderUnknown(error, paint, debug);
  if (debug && error instanceof Error && error.stack) lines.push(paint('dim', error.stack));
  return lines.join('\n');
}

function renderStoreError(error: StoreError, paint: Paint): string[] {
  const { message, code, hint } = withStoreCode({ name: error.name, message: error.message, code: error.code });
  const first = `${paint('red', '✖')} ${message}  ${paint('dim', code ?? '')}`;
  return hint === undefined ? [first] : [first, `  ${paint('cyan', '→')} ${hint}`];
}

/** Adds code and remedy from the table to an error of a store. Other errors stay as they are. */
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

/** Renders an error of a step from the journal, with the user's line. Sanitizes its texts, which are not varve's. */
export function renderStoredError(stored: StoredError, paint: Paint): string[] {
  const error = withStoreCode(stored);
  const [first = '', ...more] = plainLines(headline(error));
  const code = error.code === undefined ? '' : `  ${paint('dim', plain(error.code))}`;
  const lines = [`${paint('red', first)}${code}`, ...more.map((line) => paint('red', line))];
  lines.push(...locationLines(locationOf(error)));
  if (error.hint !== undefined) lines.push(`${paint('cyan', '→')} ${plain(error.hint)}`);
  // Messages of varve's own errors include their cause.
  for (let cause = isVarveError(error) ? undefined : error.cause; cause; cause = cause.cause)
    lines.push(`caused by ${plain(headline(cause))}`);
  return lines;
}

/** The message, with the class of the error unless it is varve's own. */
export function headline(error: StoredError): string {
  return isVarveError(error) ? error.message : `${error.name}: ${error.message}`;
}

function isVarveError({ code }: StoredError): boolean {
  return code?.startsWith('VARVE_') ?? false;
}

/** First line of the headline. */
export function shortError(error: StoredError | undefined): string {
  return error === undefined ? '' : (plainLines(headline(error))[0] ?? '');
}

/** Location of an error in the user's files. */
export function locationOf(error: StoredError | undefined): SourceLocation | undefined {
  return error?.location ?? userFrame(error?.stack);
}

/** Innermost frame of a stack in the user's files. */
export function userFrame(stack: string | undefined): SourceLocation | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const match = /(?:\(|at )(?:async )?(?:file:\/\/)?(\/[^()]+|[A-Za-z]:[^()]+):(\d+):(\d+)\)?$/.exec(line.trim());
    const [, file, row, column] = match ?? [];
    if (!file || file.includes('node_modules') || file.startsWith(ENGINE)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** The line at fault with one line before and after it; empty when the file is gone. */
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

/** Replaces a tab by one space, so that the mark below stays under its column. */
function oneLine(text: string): string {
  return plain(text.replaceAll('\t', ' '));
}

/** Recognizes a line of `codeFrame`. Such a line may be cut at the edge of the screen without losing a message. */
export function isCodeLine(line: string): boolean {
  return /^ *(?:❯ )? *\d* │/.test(line);
}
