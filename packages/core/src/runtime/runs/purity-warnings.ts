import type { CodeFingerprint, PurityFinding } from '../../contract/index.ts';
import type { Graph } from '../../flow/describe/graph.ts';
import type { Progress, ProgressListener } from '../../run/plan/progress.ts';

import type { KeyedRun } from './key-steps.ts';

/** Reasons that come with code varve has not executed before: what is said of it then need not be said again. */
const NEW_CODE: readonly string[] = ['NO_RECORD', 'CODE', 'PACKAGE', 'OPTION'];

/**
 * Says of each step that is executed, once, which call keeps its result from being a function of what it reads, and what
 * to do about it. Everything that is told goes on to `listener`.
 */
export function withPurityWarnings(
  { cache, fingerprints }: KeyedRun,
  graph: Graph,
  listener: ProgressListener,
): ProgressListener {
  const ages = new Map(graph.steps.map((step) => [step.name, step.cache ? step.cache.ttlMs : undefined]));
  const codes = new Map(fingerprints.map((code) => [code.step, code]));
  return (progress) => {
    listener(progress);
    if (progress.type !== 'task-started') return;
    const code = codes.get(progress.step);
    codes.delete(progress.step);
    if (!code || cache.settings.purity === 'off' || ages.get(progress.step) !== undefined) return;
    const message = warningOf(code, progress);
    if (message !== undefined) listener({ type: 'warning', message });
  };
}

function warningOf(code: CodeFingerprint, { why }: Progress & { type: 'task-started' }): string | undefined {
  if (why?.code === 'IMPURE') return `${code.step} is executed in every run: ${why.text}. ${wayOut(code)}`;
  const call = code.purity.find(isOutsideKey);
  if (!why || !call || !NEW_CODE.includes(why.code)) return undefined;
  return `${code.step} ${describeCall(call)}: its result is cached all the same. ${GIVE} cache: { ttl: '1d' }, effect or cache: false`;
}

const GIVE = 'Give it';

/** A variable that is read by its name is part of the key. */
function isOutsideKey({ call }: PurityFinding): boolean {
  return call !== 'process.env';
}

function describeCall({ call, file, line }: PurityFinding): string {
  return `${call.startsWith('node:') ? 'uses' : 'calls'} ${call} (${file}:${line})`;
}

function wayOut({ envComputed, moduleState }: CodeFingerprint): string {
  if (envComputed) return 'Write the names of variables out, as in process.env.HOME, or say cache: false';
  if (moduleState.length > 0) return `${GIVE} cache: {} when its result is the same all the same, or cache: false`;
  return `${GIVE} cache: false, or let cache.purity be 'warn'`;
}
