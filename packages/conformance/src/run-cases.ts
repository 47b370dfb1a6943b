import { type Case, type Deviation, type Kit, missingNeed } from './case.ts';

export type Verdict = 'passed' | 'failed' | 'skipped' | 'deviates';

/** Result of one case. */
export interface CaseResult {
  readonly case: string;
  readonly verdict: Verdict;
  /** Reason of a skip or a deviation. */
  readonly reason?: string;
  /** The error of a failed case. */
  readonly error?: unknown;
  /** Wall time, ms. */
  readonly ms: number;
}

export interface RunCasesOptions {
  readonly deviations?: readonly Deviation[];
  /** False leaves out cases that move many or large objects. Default: true. */
  readonly heavy?: boolean;
  /** Ms after which a case that has not ended fails. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Called as each case ends. */
  readonly onResult?: (result: CaseResult) => void;
}

/** A fresh subject for a case, and the way to close it. */
export interface Opened<Subject> {
  readonly subject: Subject;
  close(): Promise<void>;
}

/**
 * Runs every case of a kit, one after the other, each on a subject of its own. Resolves with all results, also when
 * some failed. Throws `TypeError` for a deviation that names no case.
 */
export async function runCases<Subject>(
  kit: Kit<Subject>,
  open: (item: Case<Subject>) => Promise<Opened<Subject>>,
  options: RunCasesOptions = {},
): Promise<CaseResult[]> {
  const reasons = reasonsByCase(kit, options.deviations ?? []);
  const results: CaseResult[] = [];
  for (const item of kit.cases) {
    const result =
      item.heavy === true && options.heavy === false
        ? { case: item.name, verdict: 'skipped' as const, reason: 'moves many or large objects', ms: 0 }
        : await runCase(kit, item, open, reasons.get(item.name), options.timeoutMs ?? 60_000);
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

/** Maps cases to the reasons of their deviations. Throws `TypeError` for a deviation that names no case. */
export function reasonsByCase(kit: Kit<never>, deviations: readonly Deviation[]): Map<string, string> {
  const names = new Set(kit.cases.map((item) => item.name));
  for (const { case: name } of deviations) {
    if (!names.has(name)) throw new TypeError(`No ${kit.kind} case is called ${JSON.stringify(name)}.`);
  }
  return new Map(deviations.map((deviation) => [deviation.case, deviation.reason]));
}

/** Creates the error for a deviation whose case passes. */
export function staleDeviation(name: string): Error {
  return new Error(`"${name}" passes now: remove it from the deviations.`);
}

async function runCase<Subject>(
  kit: Kit<Subject>,
  item: Case<Subject>,
  open: (item: Case<Subject>) => Promise<Opened<Subject>>,
  deviation: string | undefined,
  timeoutMs: number,
): Promise<CaseResult> {
  const start = performance.now();
  const end = (verdict: Verdict, more: { reason?: string; error?: unknown } = {}): CaseResult => ({
    case: item.name,
    verdict,
    ...more,
    ms: performance.now() - start,
  });
  let opened: Opened<Subject> | undefined;
  try {
    opened = await open(item);
    const missing = missingNeed(kit, item, opened.subject);
    if (missing !== undefined) return end('skipped', { reason: missing });
    await withDeadline(item.run(opened.subject), timeoutMs);
  } catch (error) {
    return deviation === undefined ? end('failed', { error }) : end('deviates', { reason: deviation });
  } finally {
    await opened?.close().catch(() => undefined);
  }
  return deviation === undefined ? end('passed') : end('failed', { error: staleDeviation(item.name) });
}

async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
