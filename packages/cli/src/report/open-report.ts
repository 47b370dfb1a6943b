import { appendFileSync } from 'node:fs';
import { paintWith } from '../print/format.ts';
import { writeStdout } from '../print/stdout.ts';
import { chooseReport, type ReportContext } from './choose-report.ts';
import { openTerminal, uncapturedWriter } from './live/terminal.ts';
import { withWarningsOnce } from './quota.ts';
import type { Report, ReportClock } from './report.ts';

const clock: ReportClock = {
  now: Date.now,
  every: (ms, act) => {
    const timer = setInterval(act, ms).unref();
    return () => clearInterval(timer);
  },
};

/** Opens the report for this process: progress on stderr, events on stdout. Loads only the chosen reporter. */
export async function openReport(options: ReportContext['options']): Promise<Report> {
  return withWarningsOnce(await openChosen(options));
}

async function openChosen(options: ReportContext['options']): Promise<Report> {
  const { stderr, env } = process;
  const choice = chooseReport({ isTTY: stderr.isTTY === true, columns: stderr.columns, env, options });
  const say = uncapturedWriter(stderr);
  const common = { write: say, paint: paintWith(choice.colour), quiet: options.quiet ?? false, clock };
  if (choice.reporter === 'live') return openLive(common.paint);
  if (choice.reporter === 'json') {
    const { jsonReport } = await import('./json-report.ts');
    return jsonReport({ write: uncapturedWriter({ write: writeStdout }), say, now: clock.now });
  }
  if (choice.reporter === 'plain') return new (await import('./plain-report.ts')).PlainReport(common);
  const { GithubReport } = await import('./github-report.ts');
  const checkout = env.GITHUB_WORKSPACE || process.cwd();
  return new GithubReport({
    ...common,
    checkout,
    summarise: (markdown) => summarise(env.GITHUB_STEP_SUMMARY, markdown, say),
  });
}

async function openLive(paint: ReturnType<typeof paintWith>): Promise<Report> {
  const { LiveReport } = await import('./live/live-report.ts');
  const { guardTerminal } = await import('./live/terminal.ts');
  const { redirectStreams } = await import('./live/terminal.ts');
  const { stdout, stderr } = process;
  const terminal = openTerminal(stderr);
  const onAcquire = (report: InstanceType<typeof LiveReport>) => {
    const stopGuard = guardTerminal({ suspend: () => report.suspend(), resume: () => report.resume() });
    const stopRedirect = redirectStreams(stdout.isTTY ? [stderr, stdout] : [stderr], (text) =>
      report.showMessage(text),
    );
    return () => {
      stopGuard();
      stopRedirect();
    };
  };
  return new LiveReport({ terminal, paint, clock, onAcquire });
}

/** Appends to the job summary. Failing to write it does not fail the run. */
function summarise(file: string | undefined, markdown: string, say: (text: string) => void): void {
  if (!file || markdown === '') return;
  try {
    appendFileSync(file, markdown);
  } catch (error) {
    say(`! the job summary could not be written: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
