import { plain } from './text.ts';

/** Why a task was executed: a code of the closed set, and the particulars. */
export interface ShownReason {
  readonly code: string;
  readonly text: string;
}

/** Words before the particulars, where these do not say enough alone. */
const BEFORE: Readonly<Record<string, string>> = {
  CODE: 'code: ',
  PACKAGE: 'package: ',
  ASSET: 'file: ',
  RUNTIME: 'runtime: ',
  INVALIDATED: 'withdrawn ',
  DISABLED: 'not cached: ',
  IMPURE: 'not cached: ',
  CORRUPT: 'damaged: ',
  UNAVAILABLE: 'no answer from the cache: ',
  LEASE_TIMEOUT: 'no answer from the cache: ',
};

/** A reason in one line: `code: normalize in lib/math.ts changed`. */
export function reasonText({ code, text }: ShownReason): string {
  if (code === 'FORCED') return 'forced';
  if (code === 'NO_RECORD' && text === 'first run') return 'no earlier result';
  return plain(`${BEFORE[code] ?? ''}${text}`);
}

/** How it is marked beside what it is the reason for. */
export function because(text: string): string {
  return `← ${text}`;
}

/** There never was a result for it: in a first run where nothing else is told that is no news. */
export function isNoNews({ code, text }: ShownReason): boolean {
  return code === 'NO_RECORD' && (text === 'first run' || text === 'new');
}
