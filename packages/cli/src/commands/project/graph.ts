import { checkedGraph, prepare, VarveError } from '@varve/core/app';
import { DEFAULTS, parseTarget } from '../../default-stack-url.ts';
import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../open-project.ts';
import type { CommonOptions } from '../program.ts';
import { renderDot, renderMermaid, renderText } from './render-graph.ts';

const FORMATS = { text: renderText, mermaid: renderMermaid, dot: renderDot };

/** `varve graph` */
export async function graph(file: string, options: CommonOptions & { readonly format: string }): Promise<number> {
  const render = FORMATS[options.format as keyof typeof FORMATS];
  if (!render)
    throw new VarveError('VARVE_USAGE', `--format ${options.format}: there is no such format`, {
      hint: 'Formats: text, mermaid, dot.',
    });
  const { description, engine } = await prepare(DEFAULTS, parseTarget(file), options);
  try {
    const checked = checkedGraph(description);
    if (options.json) printJson({ flow: description.name, graph: checked });
    else print(render(checked));
    return EXIT.ok;
  } finally {
    await engine.close();
  }
}
