import { plain } from '../print/text.ts';
import type { Failure } from './content/failures.ts';
import type { RunTally } from './content/run-tally.ts';
import { stepNotes } from './content/step-notes.ts';
import type { StepTally } from './content/step-tally.ts';
import { countsText, grouped } from './content/wording.ts';
import { timeText } from './live/step-row.ts';

const asIs = (_: string, text: string) => text;

/** A run as Markdown, for the summary page of a job: what happened to each step, and the failures in full. */
export function jobSummary(run: RunTally, failures: readonly Failure[], now: number): string {
  const { started, ended } = run;
  if (!started || !ended) return '';
  const rows = [...run.steps.values()].map((step) => `| ${row(step, run, now).map(cell).join(' | ')} |`);
  const blocks = failures.flatMap(({ title, lines }) => ['', ...fenced([title.trim(), ...lines])]);
  return [
    `### ${cell(`${started.flow} #${started.number}`)}`,
    '',
    cell(countsText(ended, asIs)),
    '',
    '| step | status | tasks | time | |',
    '|---|---|---:|---:|---|',
    ...rows,
    ...blocks,
    '',
  ].join('\n');
}

function row(step: StepTally, run: RunTally, now: number): string[] {
  const status = run.statusOf(step);
  const tasks = `${grouped(step.finished)}/${grouped(run.expected(step))}`;
  return [
    step.name,
    status === 'waiting' ? 'not run' : status,
    tasks,
    timeText(step, status, now),
    stepNotes(step, status, run, now).join(' · '),
  ];
}

/** Text of others is text: no markup, no second cell. */
function cell(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~#@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A fence longer than any run of backticks inside. */
function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence];
}
