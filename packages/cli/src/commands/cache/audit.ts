import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Duration } from '@varve/core';
import { type Preparation, prepareAt } from '@varve/runtime';
import { auditCache, type CacheAudit } from '../../api/audit/audit-cache.ts';
import type { AuditCause, ExplainedDifference } from '../../api/audit/compare-runs.ts';
import { DEFAULTS } from '../../default-stack-url.ts';
import { EXIT } from '../../exit-codes.ts';
import { counted, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { plain } from '../../print/text.ts';
import { openReport } from '../../report/open-report.ts';
import { listenForSignals } from '../interrupt.ts';
import type { CommonOptions } from '../options.ts';
import { gatherParameters } from '../run/flow-parameters.ts';
import { parseTarget } from '../targets.ts';

export interface CacheAuditOptions extends CommonOptions {
  readonly params?: string;
  readonly workers?: number;
  readonly runner?: string;
  readonly maxAge?: string;
  readonly effects?: boolean;
}

/** `varve cache audit`: exit code 0 when a run with cached results and one without write the same artifacts, else 1. */
export async function cacheAudit(file: string, rest: readonly string[], options: CacheAuditOptions): Promise<number> {
  const prepared = await prepareAt(DEFAULTS, parseTarget(file), options);
  const scratch = mkdtempSync(join(tmpdir(), 'varve-audit-'));
  const report = await openReport({ reporter: 'plain', quiet: true });
  const interrupt = listenForSignals((text) => report.showMessage(text));
  try {
    const audit = await auditCache(prepared, {
      ...options,
      ...{ parameters: parametersOf(prepared, rest, options), onProgress: report.onProgress, signal: interrupt.signal },
      scratchUrl: writeScratchStore(scratch),
      ...(options.maxAge !== undefined && { cacheRequest: { maxAge: options.maxAge as Duration } }),
    });
    if (interrupt.signal.aborted) return interrupt.exitCode();
    printAudit(audit, options);
    return isSound(audit) ? EXIT.ok : EXIT.failed;
  } finally {
    interrupt.stop();
    report.close();
    await prepared.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Reads no parameters of a flow with mistakes: the mistakes are reported first. */
function parametersOf({ description }: Preparation, rest: readonly string[], { params }: CacheAuditOptions) {
  if (description.findings.length > 0) return {};
  return gatherParameters(description, { rest, env: process.env, ...(params !== undefined && { paramsFile: params }) });
}

/** False also when the run without results failed: tasks that failed both times are not compared. */
function isSound({ differences, fresh }: CacheAudit): boolean {
  return differences.length === 0 && fresh.summary.status === 'succeeded';
}

function printAudit(audit: CacheAudit, { json }: CacheAuditOptions): void {
  const { run, tasks, reused, leftOut, differences } = audit;
  const name = `${run.record.flow}/${run.record.number}`;
  const failed = audit.fresh.summary.counts.failed ?? 0;
  if (json) printJson({ same: isSound(audit), run: name, tasks, reused, failed, leftOut, differences });
  else print(renderAudit(audit, painter(process.stdout)).join('\n'));
}

/** Most differences to list; the others are counted. */
const SHOWN = 50;
/** Characters of a digest to show: `sha256:` and the first digits. */
const DIGEST_SHOWN = 19;

/** Renders the outcome of an audit as lines. */
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

/** A neutral sign when tasks failed: these were not compared. */
function signOf(differences: number, failed: number, paint: Paint): string {
  if (differences > 0) return paint('red', '✖');
  return failed > 0 ? '!' : paint('green', '✔');
}

function renderDifference(difference: ExplainedDifference, paint: Paint): string[] {
  const { label, artifact, cached, fresh, from, cause } = difference;
  const what = artifact === undefined ? plain(label) : `${plain(label)}.${plain(artifact)}`;
  const source = from === undefined ? 'executed' : `result of ${plain(from)}`;
  return [
    `${paint('red', '✖')} ${what}: ${shortDigest(cached)} (${source}), ${shortDigest(fresh)} when it is made anew`,
    `  ${causeText(cause)}`,
  ];
}

/** The probable cause of a difference, and its remedy. */
function causeText(cause: AuditCause): string {
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

function shortDigest(text = 'nothing'): string {
  return plain(text.slice(0, DIGEST_SHOWN));
}

/** Writes a module that makes a store inside a folder, and returns its URL. The caller removes the folder. */
export function writeScratchStore(folder: string): string {
  const file = join(folder, 'store.mjs');
  const plugin = JSON.stringify(import.meta.resolve('@varve/store-fs'));
  const root = JSON.stringify(join(folder, 'store'));
  writeFileSync(file, `import { fsStore } from ${plugin};\nexport default () => fsStore({ root: ${root} });\n`);
  return pathToFileURL(file).href;
}
