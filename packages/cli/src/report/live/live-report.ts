import type { Progress } from '@varve/core';
import type { Paint } from '../../print/format.ts';
import { plain } from '../../print/text.ts';
import { Failures } from '../content/failures.ts';
import { RunTally } from '../content/run-tally.ts';
import type { Report, ReportClock } from '../report.ts';
import { finalFrame, liveFrame } from './frame.ts';
import { LiveScreen } from './live-screen.ts';
import type { Terminal } from './terminal.ts';

/** About twelve frames per second. */
const FRAME_MS = 80;

export interface LiveReportOptions {
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly clock: ReportClock;
  /** Called when the report takes the terminal; the returned function, when it releases it. */
  readonly onAcquire?: (report: LiveReport) => () => void;
}

/** Shows one line per step, repainted in place; the last frame stays. Events only update counts: the clock paints. */
export class LiveReport implements Report {
  private readonly run = new RunTally();
  private readonly failures: Failures;
  private readonly screen: LiveScreen;
  private releases: (() => void)[] = [];
  /** True while the process is suspended: on waking, the clock may tick before SIGCONT arrives. */
  private isSuspended = false;

  constructor(private readonly options: LiveReportOptions) {
    this.failures = new Failures(options.paint);
    this.screen = new LiveScreen(options.terminal);
  }

  readonly onProgress = (progress: Progress): void => {
    this.run.apply(progress, this.options.clock.now());
    if (progress.type === 'task-ended' && progress.status === 'failed') this.failures.add(progress);
    else if (progress.type === 'warning')
      this.showMessage(` ${this.options.paint('yellow', '!')} ${plain(progress.message)}`);
    else if (progress.type === 'run-started') this.begin();
    else if (progress.type === 'run-ended') this.end();
  };

  showMessage(text: string): void {
    this.screen.writeAbove(text);
  }

  close(): void {
    if (this.releases.length === 0) return;
    this.repaint();
    this.releaseTerminal();
  }

  /** Shows the cursor again and leaves the frame where it is. */
  suspend(): void {
    this.isSuspended = true;
    this.screen.showCursor();
  }

  /** Starts a new frame below the current content of the screen. */
  resume(): void {
    this.isSuspended = false;
    this.screen.leave();
    this.repaint();
  }

  private begin(): void {
    const { clock, terminal, onAcquire } = this.options;
    const repaint = () => this.repaint();
    this.releases = [
      clock.every(FRAME_MS, repaint),
      terminal.onResize(repaint),
      ...(onAcquire ? [onAcquire(this)] : []),
    ];
    this.repaint();
  }

  private repaint(): void {
    if (this.isSuspended) return;
    this.screen.paint(liveFrame(this.input(), this.options.terminal.size().rows - 1));
  }

  private end(): void {
    this.screen.finish(finalFrame(this.input()));
    this.releaseTerminal();
  }

  private releaseTerminal(): void {
    this.screen.leave();
    for (const release of this.releases.splice(0)) release();
  }

  private input() {
    const { paint, clock, terminal } = this.options;
    return {
      run: this.run,
      failures: this.failures,
      paint,
      now: clock.now(),
      columns: terminal.size().columns,
    };
  }
}
