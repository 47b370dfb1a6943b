import { type Diagnosis, ok, problem } from './diagnosis.ts';

/** `version` as in `process.versions.node`; `range` as in `engines`, `>=20.19`. */
export function judgeNode(version: string, range: string): Diagnosis {
  const least = range.replace(/^>=\s*/, '');
  const isEnough = compare(numbersOf(version), numbersOf(least)) >= 0;
  if (isEnough) return ok('node', `Node ${version}; varve needs ${least} or newer.`);
  return problem(
    'node',
    `Node ${version} is too old: varve needs ${least} or newer.`,
    `Install Node ${least} or newer.`,
  );
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
