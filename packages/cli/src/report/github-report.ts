import type { Progress } from '@varve/core/app';
import { annotationText } from './annotation.ts';
import { describeFailure, type Failure } from './content/failures.ts';
import { RunTally } from './content/run-tally.ts';
import { jobSummary } from './job-summary.ts';
import { PlainReport, type PlainReportOptions } from './plain-report.ts';
import type { Report } from './report.ts';

/** GitHub shows no more errors of one step of a job. */
const ANNOTATIONS = 10;

export interface GithubReportOptions extends PlainReportOptions {
  /** Absolute path of the checkout, for places in files. */
  readonly checkout: string;
  /** Adds Markdown to the page of the job. */
  readonly summarise: (markdown: string) => void;
}

/** The plain report, an annotation at the line at fault of each failure, and a table on the page of the job. */
export class GithubReport implements Report {
  private readonly run = new RunTally();
  private readonly lines: PlainReport;
  private readonly failures: Failure[] = [];

  constructor(private readonly options: GithubReportOptions) {
    this.lines = new PlainReport({ ...options, write: (text) => options.write(withoutCommands(text)) });
  }

  readonly onProgress = (progress: Progress): void => {
    const now = this.options.clock.now();
    this.run.apply(progress, now);
    this.lines.onProgress(progress);
    if (progress.type === 'task-ended' && progress.status === 'failed') this.annotate(progress);
    else if (progress.type === 'run-ended') this.options.summarise(jobSummary(this.run, this.failures, now));
  };

  say(text: string): void {
    this.lines.say(text);
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

/** A line of somebody's error message that looks like a command of GitHub's, also when indented, is not one. */
function withoutCommands(text: string): string {
  return text.replace(/^( *)(?=::)/gm, '$1│ ');
}
