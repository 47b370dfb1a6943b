import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditCache, type CacheAudit, type Duration, type Preparation, prepare } from '@varve/core/app';
import { DEFAULTS, parseTarget } from '../../default-stack-url.ts';
import { EXIT } from '../../exit-codes.ts';
import { painter } from '../../print/format.ts';
import { openReport } from '../../report/open-report.ts';
import { listenForSignals } from '../interrupt.ts';
import { print, printJson } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { gatherParameters } from '../run/flow-parameters.ts';
import { renderAudit } from './render-audit.ts';
import { writeScratchStore } from './scratch-store.ts';

export interface CacheAuditOptions extends CommonOptions {
  readonly params?: string;
  readonly workers?: number;
  readonly runner?: string;
  readonly maxAge?: string;
  readonly effects?: boolean;
}

/** `varve cache audit`: exit code 0 when a run with earlier results leaves what one without leaves, 1 when it does not. */
export async function cacheAudit(file: string, rest: readonly string[], options: CacheAuditOptions): Promise<number> {
  const prepared = await prepare(DEFAULTS, parseTarget(file), options);
  const scratch = mkdtempSync(join(tmpdir(), 'varve-audit-'));
  const report = await openReport({ reporter: 'plain', quiet: true });
  const interrupt = listenForSignals((text) => report.say(text));
  try {
    const audit = await auditCache(prepared, {
      ...options,
      ...{ parameters: parametersOf(prepared, rest, options), onProgress: report.onProgress, signal: interrupt.signal },
      scratchUrl: writeScratchStore(scratch),
      ...(options.maxAge !== undefined && { cacheRequest: { maxAge: options.maxAge as Duration } }),
    });
    if (interrupt.signal.aborted) return interrupt.exitCode();
    say(audit, options);
    return isSound(audit) ? EXIT.ok : EXIT.failed;
  } finally {
    interrupt.stop();
    report.close();
    await prepared.engine.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A flow with mistakes is reported before its parameters are. */
function parametersOf({ description }: Preparation, rest: readonly string[], { params }: CacheAuditOptions) {
  if (description.findings.length > 0) return {};
  return gatherParameters(description, { rest, env: process.env, ...(params !== undefined && { paramsFile: params }) });
}

/** Tasks that failed both times have not been compared. */
function isSound({ differences, fresh }: CacheAudit): boolean {
  return differences.length === 0 && fresh.summary.status === 'succeeded';
}

function say(audit: CacheAudit, { json }: CacheAuditOptions): void {
  const { run, tasks, reused, leftOut, differences } = audit;
  const name = `${run.record.flow}/${run.record.number}`;
  const failed = audit.fresh.summary.counts.failed ?? 0;
  if (json) printJson({ same: isSound(audit), run: name, tasks, reused, failed, leftOut, differences });
  else print(renderAudit(audit, painter(process.stdout)).join('\n'));
}
