import { expect } from 'vitest';
import { expectNoStack, type Project } from '../../support/project.ts';

export interface Check {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly message: string;
  readonly detail?: readonly string[];
  readonly mend?: string;
  readonly code?: string;
}

/** What `varve doctor --json` said. */
export interface Report {
  readonly ok: boolean;
  readonly project: string;
  readonly checks: readonly Check[];
  /** All it printed. */
  readonly said: string;
  /** The status of each check; of several with one name the worst. */
  readonly statuses: Readonly<Record<string, string>>;
  /** The check of this name; of several the worst. */
  of(name: string): Check;
}

const WORST: readonly string[] = ['problem', 'warning', 'skipped', 'ok'];

/** Runs `varve doctor --json` and checks what holds for every report: its exit code, mends, no stack. */
export async function diagnose(
  project: Project,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Report> {
  const result = await project.varve(['doctor', '--json', ...args], env);
  expectNoStack(result);
  const { ok, project: root, checks } = JSON.parse(result.stdout) as Omit<Report, 'of' | 'said' | 'statuses'>;
  expect(result.code, result.stdout).toBe(checks.some(({ status }) => status === 'problem') ? 4 : 0);
  expect(ok).toBe(result.code === 0);
  const helpless = checks.filter(({ status, mend }) => (status === 'problem' || status === 'warning') && !mend);
  expect(helpless).toEqual([]);
  const worst = [...checks].sort((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status));
  const of = (name: string): Check => {
    const found = worst.find(({ check }) => check === name);
    if (found) return found;
    throw new Error(`no check ${name} in ${result.stdout}`);
  };
  const statuses = Object.fromEntries([...worst].reverse().map(({ check, status }) => [check, status]));
  return { ok, project: root, checks, said: `${result.stdout}${result.stderr}`, statuses, of };
}

/** All calls of a store that can be used. */
export const WORKING = { write: 'ok', read: 'ok', create: 'ok', list: 'ok', delete: 'ok', latency: 'ok', clock: 'ok' };
