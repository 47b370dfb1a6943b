import type { RunTally } from './run-tally.ts';

/** A name a shell takes as it is. */
const BARE_NAME = /^[A-Za-z_]\w*$/;
/** A name that needs no more than quotes. */
const PLAIN_NAME = /^[\p{L}\p{N}_[\],.#:@%+=/-]+$/u;

/** What a person may want to type after a run. Each of these commands exists: a test compares them with the program. */
export function nextCommands(run: RunTally): string[] {
  const status = run.ended?.status;
  if (status === undefined) return [];
  const logs = run.printed > 0 ? ['varve logs'] : [];
  if (status !== 'succeeded') return ['varve resume', ...spin(run), 'varve show', ...logs];
  const name = lastArtifact(run);
  return ['varve show', ...(name === undefined ? logs : [`varve artifacts get @last ${name}`])];
}

/** The task that failed, by itself. */
function spin({ firstFailed }: RunTally): string[] {
  if (!firstFailed) return [];
  const name = [firstFailed.label, firstFailed.task].find((one) => PLAIN_NAME.test(one));
  return name === undefined ? [] : [`varve spin ${BARE_NAME.test(name) ? name : `'${name}'`}`];
}

/** What the last step wrote that ran once: most likely what the flow was run for. */
function lastArtifact(run: RunTally): string | undefined {
  const last = [...run.steps.values()].reverse().find((step) => !step.isForeach && step.sizes.size > 0);
  return [...(last?.sizes.keys() ?? [])].find((name) => BARE_NAME.test(name));
}
