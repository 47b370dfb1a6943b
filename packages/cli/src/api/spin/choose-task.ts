import { readFileSync } from 'node:fs';
import type { RunView } from '@varve/client';
import { type Finding, VarveError } from '@varve/core/contract';
import { type FlowDescription, type GivenParameter, type Graph, parseExactJson, suggest } from '@varve/core/internal';

import type { ReachedTask, Walk } from './replay-run.ts';

/** Names a hint lists. */
const SHOWN_MAX = 12;

/** `train` or `train[knn]`, as the user named it. */
export interface NamedTask {
  readonly step: string;
  /** Index or label. */
  readonly element?: string;
}

/** Throws `VARVE_NO_TASK` for a step that the flow does not have. */
export function requireStep({ steps }: Graph, { step }: NamedTask): void {
  const names = steps.map(({ name }) => name);
  if (names.includes(step)) return;
  throw new VarveError('VARVE_NO_TASK', `the flow has no step '${step}'`, { hint: suggest(step, names, 'steps') });
}

/**
 * The task that was named; without an element the first that had failed, else the first. Throws `VARVE_NO_TASK` for an
 * unknown element, and `VARVE_NO_INPUTS` when the run had not come so far.
 */
export function chooseTask({ reached, blocked }: Walk, { step, element }: NamedTask, run: RunView): ReachedTask {
  const named =
    element === undefined
      ? (reached.find(({ then }) => then?.status === 'failed') ?? reached[0])
      : (byName(reached, step, element) ?? undefined);
  if (named) return named;
  const path = `${run.flow}/${run.number}`;
  if (reached.length > 0) {
    const labels = reached.slice(0, SHOWN_MAX).map(({ label }) => label);
    const more = reached.length > labels.length ? `, and ${reached.length - labels.length} more` : '';
    throw new VarveError('VARVE_NO_TASK', `${path} has no inputs for ${step}[${element}]`, {
      hint: `It has those of ${labels.join(', ')}${more}.`,
    });
  }
  const why = blocked.slice(0, SHOWN_MAX).join('; ') || 'the list before it is empty';
  throw new VarveError('VARVE_NO_INPUTS', `${path} has left no inputs for ${step}: ${why}`, {
    hint: `Choose a run that came so far: varve spin ${step} --from Flow/12, or let this one go on: varve resume ${path}`,
  });
}

function byName(reached: readonly ReachedTask[], step: string, element: string): ReachedTask | undefined {
  const wanted = `${step}[${element}]`;
  return reached.find(({ task }) => task === wanted) ?? reached.find(({ label }) => label === wanted);
}

/** Another value for a parameter or an artifact: text as from a command line, or the value itself. */
export type Override = { readonly text: string } | { readonly value: unknown };

export interface Overrides {
  readonly parameters: Readonly<Record<string, GivenParameter>>;
  readonly artifacts: Readonly<Record<string, unknown>>;
}

/**
 * Tells parameters from artifacts. The text of an artifact is JSON, or `@file` for a file with JSON; that of a parameter is
 * read as from a flag. Throws `VARVE_SPIN_VALUE` with all that cannot be read.
 */
export function readOverrides(set: Readonly<Record<string, Override>>, { params }: FlowDescription): Overrides {
  const names = new Set(params.map(({ name }) => name));
  const parameters: Record<string, GivenParameter> = Object.create(null);
  const artifacts: Record<string, unknown> = Object.create(null);
  const findings: Finding[] = [];
  for (const [name, override] of Object.entries(set)) {
    if (names.has(name))
      parameters[name] =
        'text' in override
          ? { value: override.text, from: 'spin', text: true }
          : { value: override.value, from: 'spin' };
    else if ('value' in override) artifacts[name] = override.value;
    else
      try {
        artifacts[name] = readValue(override.text);
      } catch (error) {
        findings.push(finding(name, override.text, error as Error));
      }
  }
  if (findings.length === 0) return { parameters, artifacts };
  throw new VarveError('VARVE_SPIN_VALUE', 'some values cannot be read', { findings });
}

/** JSON, or `@` and the path of a file with JSON. */
export function readValue(text: string): unknown {
  return parseExactJson(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
}

function finding(name: string, text: string, { message }: Error): Finding {
  const hint = text.startsWith('@')
    ? 'It must be a file with JSON.'
    : `Write JSON, text in quotes: ${name}='"${text.replaceAll('"', '')}"', or ${name}=@file.json`;
  return { code: 'VARVE_SPIN_VALUE', message: `${name}: ${message}`, hint };
}
