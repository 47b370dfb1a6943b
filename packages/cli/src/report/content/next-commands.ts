import type { RunTally } from './run-tally.ts';

/** Names that a shell takes unquoted. */
const BARE_NAME = /^[A-Za-z_]\w*$/;
/** Names that need no more than quotes. */
const PLAIN_NAME = /^[\p{L}\p{N}_[\],.#:@%+=/-]+$/u;

/** Suggests commands to type after a run. A test checks that each of them exists. */
export function nextCommands(run: RunTally): string[] {
  const status = run.ended?.status;
  if (status === undefined) return [];
  const logs = run.printed > 0 ? ['varve logs'] : [];
  if (status !== 'succeeded') return ['varve resume', ...spin(run), 'varve show', ...logs];
  const name = lastArtifact(run);
  return ['varve show', ...(name === undefined ? logs : [`varve artifacts get @last ${name}`])];
}

/** Suggests to try the first failed task. */
function spin({ firstFailed }: RunTally): string[] {
  if (!firstFailed) return [];
  const name = [firstFailed.label, firstFailed.task].find((one) => PLAIN_NAME.test(one));
  return name === undefined ? [] : [`varve spin ${BARE_NAME.test(name) ? name : `'${name}'`}`];
}

/** Artifact of the last step that is no foreach: most likely the result of the flow. */
function lastArtifact(run: RunTally): string | undefined {
  const last = [...run.steps.values()].reverse().find((step) => !step.isForeach && step.sizes.size > 0);
  return [...(last?.sizes.keys() ?? [])].find((name) => BARE_NAME.test(name));
}
