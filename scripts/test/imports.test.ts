import { describe, expect, it } from 'vitest';
import { checkImports, describe as describeFinding } from '../imports/check.mjs';
import { importsIn } from '../imports/read.mjs';

const allowed: [file: string, specifier: string][] = [
  ['packages/store-fs/src/index.ts', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', 'node:fs'],
  ['packages/store-fs/test/store.test.ts', '@varve/conformance/vitest'],
  ['packages/fingerprint/test/slice.test.ts', '@varve/loader'],
  ['packages/core/src/index.ts', './app/client.ts'],
  ['packages/core/src/run/plan.ts', '../contract/index.ts'],
  ['packages/core/src/run/plan.ts', './env.ts'],
  ['packages/core/src/app/container.ts', 'tsyringe'],
  ['packages/core/test/run/plan.test.ts', '../../src/app/client.ts'],
  ['packages/core/tsdown.config.ts', '../../scripts/tsdown.base.ts'],
  ['packages/cli/src/stack.ts', '@varve/store-fs'],
  ['examples/hello/hello.ts', 'varve'],
  ['examples/custom-store/src/index.ts', '@varve/core/contract'],
  ['examples/hello/hello.ts', 'ml-cart'],
];

const refused: [file: string, specifier: string, mayImport: string][] = [
  ['packages/store-fs/src/index.ts', '@varve/core', '@varve/core/contract'],
  ['packages/loader/src/index.ts', '@varve/fingerprint', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', '../../core/src/contract/index.ts', '@varve/core/contract'],
  ['packages/store-fs/test/store.test.ts', 'varve', '@varve/*'],
  ['packages/core/src/app/config.ts', '@varve/store-fs', 'no other package'],
  ['packages/core/test/run.test.ts', '@varve/conformance', 'no other package'],
  ['packages/core/src/flow/graph.ts', '../run/plan.ts', 'contract, artifact, flow'],
  ['packages/core/src/runner/threads.ts', '../index.ts', 'contract, artifact, flow'],
  ['packages/core/src/other/thing.ts', '../contract/index.ts', 'rules.mjs'],
  ['packages/core/src/contract/hasher.ts', 'node:crypto', 'packages/core/src/contract'],
  ['packages/core/src/contract/hasher.ts', '../flow/index.ts', 'contract'],
  ['packages/core/src/run/scheduler.ts', 'tsyringe', 'npm packages'],
  ['packages/core/src/index.ts', 'reflect-metadata', 'npm packages'],
  ['packages/cli/src/stack.ts', '@varve/store-s3', 'except'],
  [
    'examples/hello/hello.ts',
    '@varve/core',
    'varve, varve/testing, @varve/core/contract, @varve/conformance and npm packages',
  ],
  [
    'examples/hello/hello.ts',
    '../../packages/core/src/index.ts',
    'varve, varve/testing, @varve/core/contract, @varve/conformance and npm packages',
  ],
  ['scripts/test.mjs', 'varve', 'npm packages'],
];

describe('import directions', () => {
  it.each(allowed)('%s may import %s', (file, specifier) => {
    expect(checkImports(file, [specifier])).toEqual([]);
  });

  it.each(refused)('%s may not import %s', (file, specifier, mayImport) => {
    const findings = checkImports(file, [specifier]);
    expect(findings).toHaveLength(1);
    const message = findings.map(describeFinding).join();
    expect(message).toContain(file);
    expect(message).toContain(`'${specifier}'`);
    expect(message.split('may import: ')[1]).toContain(mayImport);
  });

  it('finds imports of every form', () => {
    const text = `
      import a from 'a';
      import type { B } from 'b';
      export * from 'c';
      const d = await import('d');
      type E = import('e').E;
      import 'f';
    `;
    expect(importsIn(text).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
