import { readFileSync } from 'node:fs';
import type { SourceLocation } from '@varve/core/contract';
import { plain } from './text.ts';

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
