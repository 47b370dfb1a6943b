import { counted, type Paint, type Style } from '../../print/format.ts';
import { padEnd, plain } from '../../print/text.ts';
import type { Diagnosis } from './diagnosis.ts';

const GLYPHS: Readonly<Record<Diagnosis['status'], readonly [style: Style, glyph: string]>> = {
  ok: ['green', '✔'],
  warning: ['yellow', '!'],
  problem: ['red', '✖'],
  skipped: ['dim', '⊘'],
};
/** Columns of the names of checks. */
const NAME = 10;
const INDENT = ' '.repeat(NAME + 5);

/** Renders one line a check, with what to do below it. Sanitizes texts, which are not all varve's. */
export function renderDiagnosis(
  { check, status, message, detail = [], mend, code }: Diagnosis,
  paint: Paint,
): string[] {
  const [style, glyph] = GLYPHS[status];
  const shown = code === undefined ? '' : `  ${paint('dim', plain(code))}`;
  const lines = [` ${paint(style, glyph)} ${padEnd(check, NAME)}  ${plain(message)}${shown}`];
  for (const line of detail) lines.push(paint('dim', `${INDENT}${plain(line)}`));
  if (mend !== undefined) lines.push(`${INDENT}${paint('cyan', '→')} ${plain(mend)}`);
  return lines;
}

/** Renders the last line. */
export function renderSummary(diagnoses: readonly Diagnosis[], paint: Paint): string {
  const count = (status: Diagnosis['status']) => diagnoses.filter((one) => one.status === status).length;
  const [problems, warnings, untold] = [count('problem'), count('warning'), count('skipped')];
  const parts = [
    ...(problems > 0 ? [paint('red', counted(problems, 'problem'))] : []),
    ...(warnings > 0 ? [paint('yellow', counted(warnings, 'warning'))] : []),
    ...(untold > 0 ? [`${untold} not looked at`] : []),
  ];
  if (problems === 0 && warnings === 0) parts.unshift(paint('green', 'all is well'));
  return parts.join(' · ');
}
