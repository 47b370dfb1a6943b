import { readFileSync } from 'node:fs';
import { type Finding, VarveError } from '../../contract/index.ts';
import type { FlowDescription } from '../../flow/describe/description.ts';
import type { GivenParameter } from '../../task/remote/protocol.ts';

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
      parameters[name] = { value: 'text' in override ? override.text : override.value, from: 'spin' };
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
  return JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
}

function finding(name: string, text: string, { message }: Error): Finding {
  const hint = text.startsWith('@')
    ? 'It must be a file with JSON.'
    : `Write JSON, text in quotes: ${name}='"${text.replaceAll('"', '')}"', or ${name}=@file.json`;
  return { code: 'VARVE_SPIN_VALUE', message: `${name}: ${message}`, hint };
}
