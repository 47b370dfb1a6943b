import type { Progress } from '@varve/core';
import type { Report } from './report.ts';

/** Lets the first few messages of a kind through, so that a wide foreach cannot flood a log. */
export class Quota {
  private readonly used = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Returns `last` for the last message that is let through. */
  take(kind: string): 'yes' | 'last' | 'no' {
    const used = (this.used.get(kind) ?? 0) + 1;
    if (used > this.limit) return 'no';
    this.used.set(kind, used);
    return used === this.limit ? 'last' : 'yes';
  }
}

/** Most warnings that begin with the same word, e.g. `NONDETERMINISTIC`: a foreach can give one per element. */
const MAX_OF_A_KIND = 20;

/** Wraps a report so that it receives each warning once. */
export function withWarningsOnce(report: Report): Report {
  const shown = new Set<string>();
  const quota = new Quota(MAX_OF_A_KIND);
  const warn = (message: string) => report.onProgress({ type: 'warning', message });
  const onWarning = (message: string) => {
    if (shown.has(message)) return;
    const [kind = ''] = message.split(' ', 1);
    const allowed = quota.take(kind);
    if (allowed === 'no') return;
    shown.add(message);
    warn(message);
    if (allowed === 'last') warn(`no more warnings of this kind are shown: there were ${MAX_OF_A_KIND}`);
  };
  const onProgress = (progress: Progress) =>
    progress.type === 'warning' ? onWarning(progress.message) : report.onProgress(progress);
  return { onProgress, showMessage: (text) => report.showMessage(text), close: () => report.close() };
}
