import { parseRead, type StoredError, VarveError } from '../contract/index.ts';
import type { Bench } from './bench.ts';

/**
 * What a test of a step rejects with: the very thing that the step threw, where it threw something. When the step had
 * looked for artifacts that were not there, that is added as the cause of an error without one.
 */
export function stepError(bench: Bench, step: string, stored: StoredError, given: readonly string[]): unknown {
  const thrown = bench.thrown.get(stored);
  const error = thrown ? thrown.error : revive(stored);
  const missing = bench.looked().flatMap((read) => placeOf(read) ?? []);
  if (missing.length > 0 && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    const there = given.length === 0 ? 'nothing was' : `there were: ${given.join(', ')}`;
    const cause = new VarveError(
      'VARVE_TEST_INPUT',
      `${step} had read ${missing.join(' and ')}: not there (${there})`,
      {
        hint: `Give the step what it needs: runStep(Flow, '${step}', { … })`,
      },
    );
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  }
  return error;
}

/** As the step's code has it; `undefined` for what was there. */
function placeOf(text: string): string | undefined {
  const read = parseRead(text);
  if (!read || !('absent' in read) || !read.absent) return undefined;
  if (read.kind === 'own') return `this.${read.name}`;
  return read.kind === 'task' ? `${read.name} of task [${read.index}]` : `inputs.${read.branch}.${read.name}`;
}

/** Nobody threw it: the attempt was ended from outside. */
function revive({ name, message, code, hint, location }: StoredError): Error {
  const more = { ...(hint !== undefined && { hint }), ...(location && { location }) };
  if (name === 'VarveError' && code !== undefined) return new VarveError(code, message, more);
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }), ...more });
}
