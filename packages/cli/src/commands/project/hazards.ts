import type { checkFingerprints } from '@varve/fingerprint';
import type { Paint } from '../../print/format.ts';

type Report = ReturnType<typeof checkFingerprints>;

/** What the code of a flow makes hard to see through, and what makes its results depend on more than their inputs. */
export function renderHazards({ hazards, purity, moduleState }: Report, paint: Paint): string[] {
  const lines = hazards.map(
    ({ file, line, message, steps }) =>
      `${paint('yellow', '!')} ${file}:${line} ${message}  ${paint('dim', steps.join(', '))}`,
  );
  for (const { call, file, line, steps } of purity) {
    lines.push(
      `${paint('yellow', '!')} ${file}:${line} calls ${call}: results can differ from run to run, and are cached all the same. Give the step cache: { ttl: '1d' }, effect or cache: false.  ${paint('dim', steps.join(', '))}`,
    );
  }
  for (const { label, steps } of moduleState) {
    lines.push(
      `${paint('yellow', '!')} ${label} is read and changed by steps: it is not carried from task to task, and they are not cached. Keep it in a field of the flow.  ${paint('dim', steps.join(', '))}`,
    );
  }
  return lines;
}
