import { isAbsolute, relative, sep } from 'node:path';
import type { Progress } from '@varve/core';
import type { SourceLocation } from '@varve/core/contract';
import { plain } from '../print/text.ts';
import { describeFailure, type Failure } from './content/failures.ts';
import { RunTally } from './content/run-tally.ts';
import { stepNotes } from './content/step-notes.ts';
import type { StepTally } from './content/step-tally.ts';
import { countsText, grouped } from './content/wording.ts';
import { timeText } from './live/step-row.ts';
import { PlainReport, type PlainReportOptions } from './plain-report.ts';
import type { Report } from './report.ts';

/** Most annotations that GitHub shows of one step of a job. */
const ANNOTATIONS = 10;

export interface GithubReportOptions extends PlainReportOptions {
  /** Absolute path of the checkout; locations are relative to it. */
  readonly checkout: string;
  /** Adds Markdown to the summary page of the job. */
  readonly summarise: (markdown: string) => void;
}

/** Plain report, plus an annotation at the line of each failure and a table on the summary page of the job. */
export class GithubReport implements Report {
  private readonly run = new RunTally();
  private readonly lines: PlainReport;
  private readonly failures: Failure[] = [];

  constructor(private readonly options: GithubReportOptions) {
    this.lines = new PlainReport({ ...options, write: (text) => options.write(escapeCommands(text)) });
  }

  readonly onProgress = (progress: Progress): void => {
    const now = this.options.clock.now();
    this.run.apply(progress, now);
    this.lines.onProgress(progress);
    if (progress.type === 'task-ended' && progress.status === 'failed') this.annotate(progress);
    else if (progress.type === 'run-ended') this.options.summarise(jobSummary(this.run, this.failures, now));
  };

  showMessage(text: string): void {
    this.lines.showMessage(text);
  }

  close(): void {
    this.lines.close();
  }

  private annotate(progress: Progress & { type: 'task-ended' }): void {
    if (this.failures.length >= ANNOTATIONS) return;
    const failure = describeFailure(progress, (_, text) => text);
    this.failures.push(failure);
    this.options.write(`${annotationText({ ...failure, title: failure.label }, this.options.checkout)}\n`);
  }
}

/** Defuses lines that GitHub would take for workflow commands, also indented ones. */
function escapeCommands(text: string): string {
  return text.replace(/^( *)(?=::)/gm, '$1│ ');
}

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly location?: SourceLocation;
}

/**
 * Workflow command of an annotation: `::error file=flow.ts,line=3,col=5,title=train[2]::TypeError: …`. Paths are
 * relative to the checkout; a file outside of it is left out, because GitHub cannot show it.
 */
export function annotationText({ title, message, location }: Annotation, checkout: string): string {
  const path = location === undefined ? '' : relative(checkout, location.file);
  const file = path.split(sep).join('/');
  const inside = location !== undefined && file !== '' && !file.startsWith('../') && !isAbsolute(path);
  const place = inside ? [`file=${property(file)}`, `line=${location.line}`] : [];
  const column = inside && location.column !== undefined ? [`col=${location.column}`] : [];
  return `::error ${[...place, ...column, `title=${property(title)}`].join(',')}::${data(message)}`;
}

/** Percent-encodes characters that would end the command, or be part of its syntax. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

const unpainted = (_: string, text: string) => text;

/** Renders a run as Markdown for the summary page of a job: a table of its steps, and the failures in full. */
export function jobSummary(run: RunTally, failures: readonly Failure[], now: number): string {
  const { started, ended } = run;
  if (!started || !ended) return '';
  const rows = [...run.steps.values()].map((step) => `| ${row(step, run, now).map(cell).join(' | ')} |`);
  const blocks = failures.flatMap(({ title, lines }) => ['', ...fenced([title.trim(), ...lines])]);
  return [
    `### ${cell(`${started.flow} #${started.number}`)}`,
    '',
    cell(countsText(ended, unpainted)),
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

/** Escapes Markdown, so that foreign text adds no markup and no second cell. */
function cell(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~#@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Uses a fence longer than any run of backticks inside. */
function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence];
}
