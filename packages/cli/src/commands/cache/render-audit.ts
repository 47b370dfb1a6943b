import type { AuditCause, CacheAudit, ExplainedDifference } from '@varve/core/app';
import { type Paint, plain } from '../../print/format.ts';

/** Differences that are listed; the others are counted. */
const SHOWN = 50;
/** `sha256:` and the first digits. */
const DIGEST_SHOWN = 19;

/** What `varve cache audit` prints. */
export function renderAudit(audit: CacheAudit, paint: Paint): string[] {
  const { run, fresh, tasks, reused, leftOut, differences } = audit;
  const name = `${run.record.flow}/${run.record.number}`;
  const looked = `${name}: ${counted(tasks, 'task')}, ${reused} of them with results of earlier runs`;
  const failed = fresh.summary.counts.failed ?? 0;
  return [
    ...differences.slice(0, SHOWN).flatMap((one) => renderDifference(one, paint)),
    ...(differences.length > SHOWN ? [`${paint('red', '✖')} ${differences.length - SHOWN} more`] : []),
    ...(failed > 0
      ? [`! ${counted(failed, 'task')} failed without results: what they would have left is not compared`]
      : []),
    ...(leftOut.length > 0
      ? [`! not looked at, because of an effect: ${leftOut.join(', ')} (--effects repeats it)`]
      : []),
    ...(reused === 0 ? ['! nothing was there to be used: run the flow first, then audit it'] : []),
    `${signOf(differences.length, failed, paint)} ${looked}: ${differences.length === 0 ? 'the same as without' : counted(differences.length, 'difference')}`,
  ];
}

/** A task that failed has not been compared. */
function signOf(differences: number, failed: number, paint: Paint): string {
  if (differences > 0) return paint('red', '✖');
  return failed > 0 ? '!' : paint('green', '✔');
}

function renderDifference(difference: ExplainedDifference, paint: Paint): string[] {
  const { label, artifact, cached, fresh, from, cause } = difference;
  const what = artifact === undefined ? plain(label) : `${plain(label)}.${plain(artifact)}`;
  const source = from === undefined ? 'executed' : `result of ${plain(from)}`;
  return [
    `${paint('red', '✖')} ${what}: ${short(cached)} (${source}), ${short(fresh)} when it is made anew`,
    `  ${say(cause)}`,
  ];
}

/** What it is probably due to, and what to do about it. */
function say(cause: AuditCause): string {
  switch (cause.kind) {
    case 'impure':
      return `probably ${cause.call} (${cause.file}:${cause.line}): use this.random() or this.now(), make it a parameter, or say cache: false`;
    case 'follows':
      return `follows from ${cause.step}`;
    case 'unsteady':
      return 'executed both times: the step leaves something else each time, with or without results';
    default:
      return 'neither its code nor what it reads tells why: look for state outside of the flow, or say cache: false';
  }
}

function short(text = 'nothing'): string {
  return plain(text.slice(0, DIGEST_SHOWN));
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
