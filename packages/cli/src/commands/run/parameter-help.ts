import type { FlowDescription } from '@varve/core/app';
import { table } from '../../print/table.ts';
import { kebab } from './flow-flags.ts';

type Param = FlowDescription['params'][number];

/** What `varve run flow.ts --help` says: the flow's own parameters, and the options of `varve run` (`own`). */
export function parameterHelp(file: string, description: FlowDescription, own: string): string {
  const taken = new Set(own.match(/--[a-z-]+/g));
  const rows = description.params.map((param) => [`  ${flag(param, taken)}`, limits(param), param.help ?? '']);
  const parameters = rows.length === 0 ? '  none' : table(['', '', ''], rows).replace(/^\n/, '');
  return `${description.name}: varve run ${file} [parameters] [options]

Parameters
${parameters}

Each may also come from the environment (VARVE_PARAM_NAME) or from a JSON file (--params file.json).

${own}`;
}

/** A parameter with the name of an option has to stand behind `--`. */
function flag({ name, kind, default: fallback }: Param, taken: ReadonlySet<string>): string {
  const text =
    kind === 'boolean'
      ? fallback === 'true'
        ? `--no-${kebab(name)}`
        : `--${kebab(name)}`
      : `--${kebab(name)} <${kind}>`;
  return taken.has(`--${kebab(name)}`) ? `-- ${text}` : text;
}

function limits(param: Param): string {
  const parts = [param.required ? 'required' : param.default === undefined ? '' : `default ${param.default}`];
  if (param.min !== undefined) parts.push(`from ${param.min}`);
  if (param.max !== undefined) parts.push(`to ${param.max}`);
  if (param.choices !== undefined) parts.push(`one of ${param.choices.join(', ')}`);
  return parts.filter((part) => part !== '').join(', ');
}
