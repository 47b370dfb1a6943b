import type { Progress } from '@varve/core/app';
import type { Report } from './report.ts';

/** Lets the first few messages of a kind through, so that a wide foreach cannot flood a log. */
export class Quota {
  private readonly used = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Returns `last` for the last message that is let through. */
  take(kind: string): 'yes' | 'last' | 'no' {
    const used = (this.used.get(kind) ?? 0) + 1;
    if (used > this.most) return 'no';
    this.used.set(kind, used);
    return used === this.most ? 'last' : 'yes';
  }
}

/** Most warnings that begin with the same word, e.g. `NONDETERMINISTIC`: a foreach can give one per element. */
const MAX_OF_A_KIND = 20;

/** Wraps a report so that it receives each warning once. */
export function withWarningsOnce(report: Report): Report {
  const told = new Set<string>();
  const quota = new Quota(MAX_OF_A_KIND);
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
