import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/** Replacement of a tab in a line that is measured. */
const TAB = '    ';
const STYLE = '\u001b\\[[\\d;]*m';
const ASCII = /^[\u0020-\u007e]*$/;
const NO_WIDTH = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}\p{Surrogate}]+$/u;
const LEADING_NO_WIDTH = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}\p{Surrogate}]+/u;
/** Bidirectional control marks, and line separators that are not control characters. */
const INVISIBLE_TURNS = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

let graphemes: Intl.Segmenter | undefined;

/** Sanitizes foreign text to one line: without terminal sequences, control characters and bidirectional marks. */
export function plain(text: string): string {
  if (ASCII.test(text)) return text;
  return stripVTControlCharacters(text)
    .replace(INVISIBLE_TURNS, '')
    .replace(/\p{Cc}+/gu, ' ');
}

/** Sanitizes one line of task output. Expands tabs; keeps the last state of a progress line that rewrites itself. */
export function logText(text: string): string {
  if (ASCII.test(text)) return text;
  const trimmed = text.replace(/[\r\n]+$/, '');
  return plain(trimmed.slice(trimmed.lastIndexOf('\r') + 1).replaceAll('\t', TAB));
}

/** Sanitizes foreign text and keeps its lines. */
export function plainLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => plain(line.replaceAll('\t', ' ')));
}

/** Columns of a text on a terminal: styles and combining marks take none, wide characters two. */
export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  const bare = stripVTControlCharacters(text);
  if (ASCII.test(bare)) return bare.length;
  let columns = 0;
  for (const { segment } of segments(bare)) columns += graphemeWidth(segment);
  return columns;
}

/** Cuts a text to a width, with `…` at its end. Styles stay balanced. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 1) return '';
  let left = columns - 1;
  let full = false;
  let kept = '';
  for (const part of text.split(new RegExp(`(${STYLE})`, 'u'))) {
    if (part.startsWith('\u001b')) kept += part;
    else if (!full) {
      const fitting = head(part, left);
      full = fitting.length < part.length;
      left -= width(fitting);
      kept += full ? `${fitting}…` : fitting;
    }
  }
  return kept;
}

/** Pads with spaces on the right. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** Pads with spaces on the left. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text;
}

/** The longest beginning that fits. */
function head(text: string, columns: number): string {
  let left = columns;
  let kept = '';
  for (const { segment } of segments(text)) {
    left -= graphemeWidth(segment);
    if (left < 0) return kept;
    kept += segment;
  }
  return kept;
}

function segments(text: string): Iterable<{ readonly segment: string }> {
  graphemes ??= new Intl.Segmenter();
  return graphemes.segment(text);
}

/** Width by the first visible character; an emoji in picture form takes two columns. */
function graphemeWidth(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  if (grapheme.includes('\ufe0f') || /^\p{Regional_Indicator}{2}/u.test(grapheme)) return 2;
  const visible = grapheme.replace(LEADING_NO_WIDTH, '');
  let columns = eastAsianWidth(visible.codePointAt(0) ?? 0);
  // A voiced mark of half-width katakana joins its letter yet stands in a column of its own.
  for (const follower of visible.slice(1)) if (follower === '\uff9e' || follower === '\uff9f') columns++;
  return columns;
}
