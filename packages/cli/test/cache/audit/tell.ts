import type { Wrong } from './audit.ts';
import { printProgram } from './print.ts';

/** Wrong hits with all that is needed to see them again: the seed, the tasks, and the flow before and after. */
export function tell(wrong: readonly Wrong[]): string {
  return wrong.slice(0, 3).map(tellOne).join('\n\n');
}

function tellOne({ seed, edit, differences, versions }: Wrong): string {
  const told = differences.slice(0, 3).map(({ task, cached, fresh }) => {
    const why = cached?.from === undefined ? (cached?.why ?? '') : `the result of ${cached.from}`;
    return `${task}: ${why}\n  reads  ${cached?.reads.join(' ')}\n  cached ${cached?.writes.join(', ')}\n  fresh  ${fresh?.writes.join(', ')}`;
  });
  const [before, after] = versions.slice(-2).map((program) => {
    const { parameters, env } = program;
    const files = Object.entries(printProgram(program)).map(([name, text]) => `--- ${name}\n${text}`);
    return [JSON.stringify({ parameters, env }), ...files].join('\n');
  });
  return [`wrong hit (seed ${seed}, version ${versions.length}) after: ${edit}`, ...told, before, '======', after].join(
    '\n',
  );
}
