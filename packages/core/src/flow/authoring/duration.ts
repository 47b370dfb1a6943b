import { VarveError } from '../../contract/index.ts';

/** A time span: a number of milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest span a timer can wait, ms: about 24.8 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds, `>= 0`. Throws `VARVE_DURATION`. */
export function parseDuration(value: unknown): number {
  const ms = typeof value === 'string' ? textToMs(value) : value;
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new VarveError('VARVE_DURATION', `${JSON.stringify(value) ?? String(value)} is not a duration`, {
    hint: "Write a number of milliseconds, or a number with a unit: '500ms', '10s', '5m', '2h', '1d'.",
  });
}

function textToMs(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
