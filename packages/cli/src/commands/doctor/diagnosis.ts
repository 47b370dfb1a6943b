import { StoreError, VarveError } from '@varve/core/contract';
import { entryOf, shownStoreCode } from '../../error-codes/index.ts';

/** What came of one check. */
export interface Diagnosis {
  /** Name of the check in one word. Stable. */
  readonly check: string;
  /** `problem`: runs fail, or results are lost. `warning`: they do not, yet something is to be done. `skipped`: not looked at. */
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  /** One sentence. */
  readonly message: string;
  /** Further lines. */
  readonly detail?: readonly string[];
  /** Tells the user what to do; there for every warning and every problem. */
  readonly mend?: string;
  /** Code of the error behind it. */
  readonly code?: string;
}

export function ok(check: string, message: string, detail: readonly string[] = []): Diagnosis {
  return { check, status: 'ok', message, ...(detail.length > 0 && { detail }) };
}

export function warning(check: string, message: string, mend: string): Diagnosis {
  return { check, status: 'warning', message, mend };
}

export function problem(check: string, message: string, mend: string): Diagnosis {
  return { check, status: 'problem', message, mend };
}

export function skipped(check: string, message: string, mend?: string): Diagnosis {
  return { check, status: 'skipped', message, ...(mend !== undefined && { mend }) };
}

/** Makes a problem of an error: its message, its findings, its code and the way out. Never a stack. */
export function problemOf(check: string, error: unknown): Diagnosis {
  if (StoreError.is(error)) return coded(check, error.message, shownStoreCode(error.code));
  if (VarveError.is(error)) return ofVarve(check, error);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return problem(check, 'No answer came in time.', 'Check the network, the address and the service.');
  }
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return problem(check, firstLine(said), 'Run "varve list --debug" to see where it comes from.');
}

function ofVarve(check: string, { code, message, hint, findings, location }: VarveError): Diagnosis {
  const known = findings.filter((finding) => finding.message !== message);
  const detail = known.map((finding) => `${finding.message}${finding.hint === undefined ? '' : `  ${finding.hint}`}`);
  const at = location ?? findings.find((finding) => finding.location !== undefined)?.location;
  if (at !== undefined) detail.push(`${at.file}:${at.line}`);
  const base = coded(check, firstLine(message), code);
  return { ...base, ...(hint !== undefined && { mend: hint }), ...(detail.length > 0 && { detail }) };
}

function coded(check: string, message: string, code: string): Diagnosis {
  const mend = entryOf(code)?.remedy.replaceAll('`', '') ?? 'Look the code up in the documentation of the plugin.';
  return { ...problem(check, message, mend), code };
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0] ?? '';
}
