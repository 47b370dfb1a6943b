import { join, relative } from 'node:path';
import { createLoader } from '@varve/loader';
import { rolldown } from 'rolldown';
import { afterAll, expect, test } from 'vitest';
import { createFingerprinter } from '../../src/index.ts';
import { CORPUS_STEPS, corpusProject } from './corpus.ts';

const project = corpusProject();
afterAll(() => project.remove());

/**
 * Marks calls of functions in the corpus that only wrap their argument as pure. A slice detects that; a bundler keeps
 * such calls with everything they name unless they are marked.
 */
function markDual(code: string): string {
  return code.replace(
    /^(?!\s*\*)(.*= )((?:(?:Dual\.)?dual|(?:internalD|d)oNotation\.\w+)\b)/gm,
    '$1/* @__PURE__ */ $2',
  );
}

/** Files from which a tree-shaking bundler keeps code for one step. */
async function keptFiles(step: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: join(project.root, 'steps', `${step}.ts`),
    platform: 'node',
    treeshake: { moduleSideEffects: false },
    plugins: [{ name: 'pure-dual', transform: markDual }],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    logLevel: 'silent',
    external: /^node:/,
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const kept = output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.entries(chunk.modules) : []));
  return kept.filter(([, module]) => module.renderedLength > 0).map(([path]) => relative(project.root, path));
}

test('the slice of a step holds every file that a tree-shaking bundler keeps', { timeout: 600_000 }, async () => {
  const { graph } = await createLoader().compile(project.flow);
  const names = Object.keys(CORPUS_STEPS);
  const found = await createFingerprinter().fingerprint(
    graph,
    'Example',
    names.map((name) => `${name}Step`),
  );
  const sizes: Record<string, readonly [number, number]> = {};
  for (const [i, name] of names.entries()) {
    const files = new Set((found[i]?.nodes ?? []).map(({ label }) => label.split('#')[0]));
    expect(found[i]?.hazards.filter(({ kind }) => kind === 'widened')).toEqual([]);
    const kept = await keptFiles(name);
    expect({ name, missing: kept.filter((file) => file.endsWith('.ts') && !files.has(file)) }).toEqual({
      name,
      missing: [],
    });
    sizes[name] = [kept.length, files.size];
  }
  expect(sizes.effects?.[0]).toBeGreaterThan(20);
});
