import { checkedGraph, prepare } from '@varve/core/app';
import { EXIT } from '../exit-codes.ts';
import { print, printJson } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { DEFAULTS, parseTarget } from '../target.ts';

/** `varve check`: exit code 0 when the flow has no mistakes, 3 when it has. */
export async function check(file: string, options: CommonOptions): Promise<number> {
  const { description, engine } = await prepare(DEFAULTS, parseTarget(file), options);
  try {
    if (options.json) {
      printJson({ flow: description.name, findings: description.findings });
      return description.findings.length === 0 ? EXIT.ok : EXIT.flow;
    }
    const graph = checkedGraph(description);
    print(`${description.name}: ${graph.steps.length} steps, ${description.params.length} parameters, no mistakes`);
    return EXIT.ok;
  } finally {
    await engine.close();
  }
}
