export const STAGES = ['set-up', 'lint', 'types', 'packages', 'vitest'];

/** Parses the arguments of the test script: takes `--only <stage,stage>`, and passes all others on to vitest.
 * @param {readonly string[]} args
 * @returns {{ stages: string[], vitestArgs: string[] }} Stages in the order they run. */
export function parseArguments(args) {
  const at = args.indexOf('--only');
  if (at === -1) return { stages: [...STAGES], vitestArgs: [...args] };
  const named = (args[at + 1] ?? '').split(',');
  const unknown = named.filter((name) => !STAGES.includes(name));
  if (unknown.length > 0) throw new Error(`--only wants ${STAGES.join(', ')}, not "${unknown.join(',')}"`);
  return {
    stages: STAGES.filter((stage) => named.includes(stage)),
    vitestArgs: [...args.slice(0, at), ...args.slice(at + 2)],
  };
}
