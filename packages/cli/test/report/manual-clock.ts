import type { ReportClock } from '../../src/report/report.ts';

interface Timer {
  readonly ms: number;
  readonly act: () => void;
  due: number;
}

/** Clock that tests advance. */
export class ManualClock implements ReportClock {
  private time: number;
  private readonly timers = new Set<Timer>();

  constructor(start = Date.UTC(2026, 0, 2, 5, 16, 2)) {
    this.time = start;
  }

  now = (): number => this.time;

  every = (ms: number, act: () => void): (() => void) => {
    const timer = { ms, act, due: this.time + ms };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  get timersRunning(): number {
    return this.timers.size;
  }

  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.time = next.due;
      next.due += next.ms;
      next.act();
    }
    this.time = until;
  }
}
