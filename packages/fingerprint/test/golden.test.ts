import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadParser } from '../src/ast/parse.ts';
import { FP_VERSION } from '../src/format.ts';
import { summarise } from '../src/summary/summarise.ts';
import { flow, makeProject } from './project.ts';

const GOLDEN = new URL('golden/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, GOLDEN), 'utf8');

/**
 * These hashes are the format: a change makes every cache of every user miss once. Fix the code unless the change is
 * intended. If it is, raise FP_VERSION and update the files with `npx vitest run --project fingerprint golden -u`.
 */
test.each(['syntax.ts', 'classes.ts', 'elements.tsx', 'script.js'])(
  'the hashes of the pieces of %s match the golden file',
  async (name) => {
    const loader = name.endsWith('.tsx') ? 'tsx' : name.endsWith('.js') ? 'js' : 'ts';
    const summary = summarise(await loadParser(), read(`${name}.txt`), loader);
    expect(summary.whole).toBeUndefined();
    const lines = summary.units.flatMap(({ label, own, shape }) => [
      `${label} ${own}`,
      ...(shape ? [`  header ${shape.header.own}`] : []),
      ...(shape?.members ?? []).flatMap((each) => [
        `  ${each.name} ${each.own}`,
        ...(each.options ? [`    @step ${each.options.own}`] : []),
      ]),
    ]);
    await expect(`${FP_VERSION}\n${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.hashes.txt`);
  },
);

test('the fingerprints of the steps of a flow match the golden file', async () => {
  const project = makeProject({
    'flow.ts': flow(
      `import { twice, registry } from './lib.ts';\nimport data from './data.json';\nregistry.set('a', twice(2));`,
      `  sizes = [1]; rows!: unknown;\n  #kept = twice(3);\n  @step() load() { this.rows = [registry.get('a'), data]; }\n  @step({ after: 'load', foreach: 'sizes', cache: { version: 2 } }) train(size: number) { this.rows = this.scale(size); }\n  @step({ join: 'train' }) report() { this.rows = this.#kept; }\n  scale(x: number) { return twice(x); }`,
    ),
    'lib.ts': 'export const registry = new Map<string, number>();\nexport const twice = (x: number) => x * 2;\n',
    'data.json': '{ "a": 1 }',
  });
  const found = await project.fingerprint(['load', 'train', 'report']);
  const lines = found.map(({ step, code }) => `${step} ${code}`);
  await expect(`${FP_VERSION}\n${lines.join('\n')}\n`).toMatchFileSnapshot('golden/flow.hashes.txt');
});
