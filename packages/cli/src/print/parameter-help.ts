import type { FlowDescription } from '@varve/core/app';
import { kebab } from '../flow-arguments.ts';
import { table } from './table.ts';

/** What `varve run flow.ts --help` says of the flow's own parameters. */
export function parameterHelp(file: string, description: FlowDescription): string {
  const rows = description.params.map((param) => [
    `  --${kebab(param.name)} <${param.kind}>`,
    limits(param),
    param.help ?? '',
  ]);
  const parameters = rows.length === 0 ? '  none' : table(['', '', ''], rows).replace(/^\n/, '');
  return `${description.name}: varve run ${file} [parameters] [options]

Parameters
${parameters}

Each may also come from the environment (VARVE_PARAM_NAME) or from a JSON file (--params file.json).
Options: --params, --tag, --concurrency, --workers, --runner, --inspect, --fail-fast, --quiet, --json, --config, --profile, --store`;
}

function limits(param: FlowDescription['params'][number]): string {
  const parts = [param.required ? 'required' : param.default === undefined ? '' : `default ${param.default}`];
  if (param.min !== undefined) parts.push(`from ${param.min}`);
  if (param.max !== undefined) parts.push(`to ${param.max}`);
  if (param.choices !== undefined) parts.push(`one of ${param.choices.join(', ')}`);
  return parts.filter((part) => part !== '').join(', ');
}
