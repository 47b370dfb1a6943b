import type { SpunArtifact, SpunTask } from '@varve/core/app';
import type { Reference } from '@varve/core/contract';
import { renderStored } from '../../print/error.ts';
import { bytes, duration, type Paint, plain } from '../../print/format.ts';
import { differences } from '../../print/value-diff.ts';

/** Values larger than this are compared by digest only. Bytes. */
const SHOWN_BYTES = 1024 * 1024;
const MARK = { same: '=', changed: '≠', new: '+', gone: '-' } as const;
const COLOUR = { same: 'dim', changed: 'yellow', new: 'green', gone: 'red' } as const;

/** How the attempt ended, and what it wrote beside what the run of the past had. */
export function renderSpun(spun: SpunTask, paint: Paint): string {
  const { outcome, label, before, path, kept } = spun;
  const glyph = outcome.ok ? paint('green', '✔') : paint('red', '✖');
  const then = before?.ms === undefined ? (before?.status ?? 'not run') : `${before.status} in ${duration(before.ms)}`;
  const lines = [` ${glyph} ${plain(label)}  ${duration(outcome.ms)}   ${paint('dim', `${plain(path)}: ${then}`)}`];
  if (outcome.ok) for (const artifact of spun.artifacts) lines.push(...renderArtifact(artifact, spun, paint));
  else lines.push(...renderStored(outcome.error, paint).map((line) => `   ${line}`));
  lines.push(paint('dim', kept ? ` kept as ${kept.flow}/${kept.number}` : ' nothing was written'));
  if (outcome.ok && before?.status === 'failed' && !kept)
    lines.push(`   ${paint('cyan', '→')} to let the run go on with this: varve resume ${path}`);
  return lines.join('\n');
}

function renderArtifact({ name, change, before, now }: SpunArtifact, { read }: SpunTask, paint: Paint): string[] {
  const sizes = [before, now].flatMap((reference) => (reference ? [bytes(reference.size)] : []));
  const size = change === 'same' ? (sizes[0] ?? '') : sizes.join(' → ');
  const first = `   ${paint(COLOUR[change], MARK[change])} ${plain(name)}  ${paint('dim', size)}`;
  if (change === 'same' || (before && !isShown(before)) || (now && !isShown(now))) return [first];
  return [first, ...changesOf(before, now, read).map((line) => `       ${plain(line)}`)];
}

/** What the task had written may be lost by now, or be of a class that is not there any more: it has ended all the same. */
function changesOf(before: Reference | undefined, now: Reference | undefined, read: SpunTask['read']): string[] {
  let then: unknown;
  try {
    then = before && read(before);
  } catch (error) {
    return [`what it had written cannot be read: ${(error as Error).message}`];
  }
  return differences(then, now && read(now), before !== undefined && now !== undefined);
}

/** Stored files and folders, and what would take long to decode, are not. */
function isShown({ size, codec }: Reference): boolean {
  return size <= SHOWN_BYTES && codec !== 'file/1' && codec !== 'dir/1';
}

export function spunDocument({ path, task, label, outcome, before, artifacts, kept }: SpunTask): object {
  return {
    from: path,
    task,
    label,
    status: outcome.ok ? 'succeeded' : 'failed',
    ms: outcome.ms,
    ...(!outcome.ok && { error: outcome.error }),
    before: before ? { status: before.status, ms: before.ms } : null,
    artifacts,
    ...(outcome.ok && { reads: outcome.reads }),
    ...(kept && { kept: { flow: kept.flow, number: kept.number, id: kept.id } }),
  };
}
