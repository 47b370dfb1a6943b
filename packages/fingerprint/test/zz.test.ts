import { test } from 'vitest';
import { createLoader } from '@varve/loader';
import { createFingerprinter, renderTree } from '../src/index.ts';
import { corpusProject } from './corpus.ts';
test('x', async () => {
  const p = corpusProject();
  const { graph } = await createLoader().compile(p.flow);
  console.log(graph.modules.length, graph.modules.reduce((s, m) => s + m.contents.length, 0));
  for (const s of ['plainStep', 'arraysStep']) {
  const [f] = await createFingerprinter().fingerprint(graph, 'Example', [s]);
  console.log(f!.nodes.length, f!.hazards.slice(0, 5));
  console.log(f!.nodes.filter((n) => n.from === -1).map((n) => n.label).join('\n'));
  }
  p.remove();
}, 100000);
