import type { Case, Kit } from '../src/case.ts';
import { type CaseResult, type Opened, runCases } from '../src/run-cases.ts';

/** The results of one broken implementation, and the cases that it must fail. */
export interface Mutant {
  readonly mistake: string;
  readonly failing: readonly string[];
  readonly results: readonly CaseResult[];
}

/** Lists the failed cases. */
export function failedCases(results: readonly CaseResult[]): string[] {
  return results.filter((result) => result.verdict === 'failed').map((result) => result.case);
}

/** Runs a kit against broken implementations; heavy cases only where one of them must fail. */
export async function runMutants<Subject>(
  kit: Kit<Subject>,
  broken: readonly {
    readonly mistake: string;
    readonly failing: readonly string[];
    open(item: Case<Subject>): Promise<Opened<Subject>>;
  }[],
  timeoutMs = 10_000,
): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for (const { mistake, failing, open } of broken) {
    mutants.push({ mistake, failing, results: await runCases(light(kit, failing), open, { timeoutMs }) });
  }
  return mutants;
}

function light<Subject>(kit: Kit<Subject>, failing: readonly string[]): Kit<Subject> {
  return { ...kit, cases: kit.cases.filter((item) => item.heavy !== true || failing.includes(item.name)) };
}

/** Lists the cases without a mutant: they prove nothing. */
export function unproven(kit: Kit<never>, mutants: readonly Mutant[]): string[] {
  const proven = new Set(mutants.flatMap((mutant) => mutant.failing));
  return kit.cases.map((item) => item.name).filter((name) => !proven.has(name));
}

/** With `VARVE_TABLES=1` prints a row for each case: its own mistakes, and the number of all mistakes that it notices. */
export function printTable(kit: Kit<never>, mutants: readonly Mutant[]): void {
  if (process.env.VARVE_TABLES !== '1') return;
  const lines = kit.cases.map(({ name }) => {
    const made = mutants.filter((mutant) => mutant.failing.includes(name)).map((mutant) => mutant.mistake);
    const noticed = mutants.filter((mutant) => failedCases(mutant.results).includes(name)).length;
    return `| ${name} | ${made.join('; ')} | ${noticed} |`;
  });
  const head = [`| ${kit.kind} case | fails for one that … | of ${mutants.length} |`, '|---|---|---|'];
  process.stdout.write(`${[...head, ...lines].join('\n')}\n`);
}
