import type { Progress } from '@varve/core';
import type { Report } from './report.ts';

/** Lets the first few of a kind through, so that a wide foreach cannot flood a log. */
export class Quota {
  private readonly used = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** `last` goes with the last one that is let through. */
  take(kind: string): 'yes' | 'last' | 'no' {
    const used = (this.used.get(kind) ?? 0) + 1;
    if (used > this.most) return 'no';
    this.used.set(kind, used);
    return used === this.most ? 'last' : 'yes';
  }
}

/** Most warnings that begin with the same word, e.g. `NONDETERMINISTIC`: a wide foreach could give one an element. */
const OF_A_KIND = 20;

/** The same report, which hears of each warning once. */
export function withWarningsOnce(report: Report): Report {
  const told = new Set<string>();
  const quota = new Quota(OF_A_KIND);
  const warn = (message: string) => report.onProgress({ type: 'warning', message });
  const onWarning = (message: string) => {
    if (told.has(message)) return;
    const [kind = ''] = message.split(' ', 1);
    const allowed = quota.take(kind);
    if (allowed === 'no') return;
    told.add(message);
    warn(message);
    if (allowed === 'last') warn(`${kind} from here on, such warnings are not shown any more`);
  };
  const onProgress = (progress: Progress) =>
    progress.type === 'warning' ? onWarning(progress.message) : report.onProgress(progress);
  return { onProgress, say: (text) => report.say(text), close: () => report.close() };
}
