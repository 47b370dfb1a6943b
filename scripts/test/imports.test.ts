import { describe, expect, it } from 'vitest';
import { checkImports, checkRooms } from '../imports/check.mjs';
import { circlesIn, fileGraph } from '../imports/circles.mjs';
import { roomsBelow } from '../imports/places.mjs';
import { importsIn } from '../imports/read.mjs';
import { ROOMS } from '../imports/rules.mjs';
import { boxGraph, countBoxes, countRooms, renderTable } from '../imports/table.mjs';

const CORE = 'packages/core/src';

const allowed: [file: string, specifier: string][] = [
  ['packages/store-fs/src/index.ts', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', '@varve/core/store-kit'],
  ['packages/store-fs/src/index.ts', 'node:fs'],
  [`${CORE}/store/objects/with-limit.ts`, '../../store-kit/index.ts'],
  ['packages/store-fs/test/store.test.ts', '@varve/conformance/vitest'],
  ['packages/fingerprint/test/slice.test.ts', '@varve/loader'],
  ['packages/runner-batch/src/index.ts', '@varve/core/contract'],
  ['packages/runner-batch/src/index.ts', '@varve/core/worker'],
  [`${CORE}/index.ts`, './run/loop/index.ts'],
  [`${CORE}/run/loop/scheduler.ts`, '../../contract/index.ts'],
  [`${CORE}/run/loop/scheduler.ts`, '../../flow/check/index.ts'],
  [`${CORE}/run/loop/scheduler.ts`, './retry.ts'],
  [`${CORE}/task/attempt/execute-task.ts`, '../values/values.ts'],
  ['packages/core/test/run/plan.test.ts', '../../src/task/attempt/execute-task.ts'],
  ['packages/core/tsdown.config.ts', '../../scripts/tsdown.base.ts'],
  ['packages/client/src/runs/history.ts', '@varve/core/internal'],
  ['packages/client/test/history.test.ts', '@varve/store-fs'],
  ['packages/testing/src/test-flow.ts', '@varve/client'],
  ['packages/runtime/src/io/host.ts', '@varve/core/internal'],
  ['packages/runtime/src/io/host.ts', 'node:worker_threads'],
  ['packages/runtime/src/compose/compose.ts', 'tsyringe'],
  ['packages/runtime/test/compose.test.ts', '@varve/loader'],
  ['packages/cli/src/stack.ts', '@varve/store-fs'],
  ['packages/cli/src/stack.ts', '@varve/runtime'],
  ['packages/cli/src/stack.ts', '@varve/core/internal'],
  ['examples/hello/hello.ts', 'varve'],
  ['examples/custom-store/src/index.ts', '@varve/core/contract'],
  ['examples/hello/hello.ts', 'ml-cart'],
];

const refused: [file: string, specifier: string, mayImport: string][] = [
  ['packages/store-fs/src/index.ts', '@varve/core', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', '@varve/core/internal', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', '@varve/core/worker', '@varve/core/contract'],
  ['packages/store-fs/test/store.test.ts', '@varve/core/internal', 'except @varve/core/internal'],
  ['packages/runner-batch/src/index.ts', '@varve/core/internal', '@varve/core/worker'],
  ['packages/runner-batch/src/index.ts', '@varve/core/store-kit', '@varve/core/worker'],
  [`${CORE}/store-kit/parts.ts`, '../store/objects/body.ts', 'contract, npm packages'],
  ['packages/loader/src/index.ts', '@varve/fingerprint', '@varve/core/contract'],
  ['packages/store-fs/src/index.ts', '../../core/src/contract/index.ts', '@varve/core/contract'],
  ['packages/store-fs/test/store.test.ts', 'varve', '@varve/*'],
  ['packages/core/src/index.ts', '@varve/store-fs', 'no other package'],
  ['packages/core/test/run.test.ts', '@varve/testing', '@varve/test-support'],
  ['packages/test-servers/src/gcs/index.ts', '@varve/core', 'no other package'],
  [`${CORE}/flow/describe/graph.ts`, '../../run/plan/plan.ts', 'contract, flow/authoring, npm packages'],
  [`${CORE}/flow/describe/graph.ts`, '../check/index.ts', 'contract, flow/authoring, npm packages'],
  [`${CORE}/task/values/values.ts`, '../attempt/execute-task.ts', 'contract, flow, store, task/scope, npm packages'],
  [`${CORE}/run/plan/plan.ts`, '../../index.ts', 'contract, flow, store, cache, npm packages'],
  [`${CORE}/contract/hasher.ts`, 'node:crypto', 'packages/core/src/contract'],
  [`${CORE}/contract/hasher.ts`, '../flow/authoring/index.ts', 'npm packages'],
  [`${CORE}/run/loop/scheduler.ts`, 'tsyringe', 'npm packages'],
  [`${CORE}/run/loop/scheduler.ts`, 'node:worker_threads', 'npm packages'],
  [`${CORE}/index.ts`, 'node:child_process', 'npm packages'],
  [`${CORE}/index.ts`, 'reflect-metadata', 'npm packages'],
  ['packages/runtime/src/io/host.ts', 'tsyringe', '@varve/core, @varve/client'],
  ['packages/cli/src/stack.ts', 'tsyringe', '@varve/*'],
  ['packages/client/src/index.ts', '@varve/runtime', '@varve/core and'],
  ['packages/testing/src/index.ts', '@varve/runtime', '@varve/core, @varve/client'],
  ['packages/runtime/src/index.ts', '@varve/store-fs', '@varve/core, @varve/client'],
  ['packages/runtime/test/compose.test.ts', 'varve', '@varve/*'],
  ['packages/cli/src/stack.ts', '@varve/store-s3', 'except'],
  ['examples/hello/hello.ts', '@varve/core', 'varve, varve/testing, @varve/core/contract'],
  ['examples/hello/hello.ts', '@varve/core/internal', 'varve, varve/testing, @varve/core/contract'],
  ['examples/hello/hello.ts', '../../packages/core/src/index.ts', 'varve, varve/testing, @varve/core/contract'],
  ['bench/start.mjs', '@varve/core/internal', 'except @varve/core/internal'],
  ['scripts/test.mjs', 'varve', 'npm packages'],
];

describe('import directions', () => {
  it.each(allowed)('%s may import %s', (file, specifier) => {
    expect(checkImports(file, [specifier])).toEqual([]);
  });

  it.each(refused)('%s may not import %s', (file, specifier, mayImport) => {
    const findings = checkImports(file, [specifier]);
    expect(findings).toEqual([
      {
        place: file,
        problem: expect.stringContaining(`imports '${specifier}': `),
        remedy: expect.stringMatching(/^may import: ./),
      },
    ]);
    expect(findings[0]?.remedy).toContain(mayImport);
  });

  it('name each folder of core that is no room, once', () => {
    const files = [`${CORE}/index.ts`, `${CORE}/run/loop/deep/a.ts`, `${CORE}/app/a.ts`, `${CORE}/app/b.ts`];
    expect(checkRooms([...files, 'packages/core/test/x/a.ts', 'packages/cli/src/x/a.ts'])).toEqual([
      { place: `${CORE}/app`, problem: 'is no room of core', remedy: expect.stringContaining('rules.mjs') },
    ]);
  });
});

describe('the table of rooms', () => {
  const order = ROOMS.map(({ room }) => room);

  it.each(ROOMS)('lists $room once, above all rooms that it may import', ({ room, mayImport }) => {
    expect(order.filter((other) => other === room)).toHaveLength(1);
    for (const name of mayImport) {
      expect(roomsBelow(name), name).not.toEqual([]);
      for (const below of roomsBelow(name)) expect(order.indexOf(below), below).toBeLessThan(order.indexOf(room));
    }
  });
});

describe('the imports of a file', () => {
  it('are found in every form, once each', () => {
    const text = `
      import a from 'a';
      import type { B } from 'b';
      export * from 'c';
      const d = await import('d');
      type E = import('e').E;
      import 'f';
      import { g } from 'a';
      const h = /\`/.test(a) ? \`\${await import('h')}\` : require('i');
      /** @typedef {import('not in TypeScript').J} J */
    `;
    expect(importsIn(text).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'h', 'i']);
  });

  it('are found in the doc comments of JavaScript too', () => {
    const text = `/** @typedef {import('a').A} A */\n/** @param {readonly import('b').B[]} list */\nfunction f(list) {}`;
    expect(importsIn(text, 'file.mjs').sort()).toEqual(['a', 'b']);
  });
});

describe('circles of imports', () => {
  const circlesOf = (texts: Record<string, string>) => {
    const imports = Object.entries(texts).map(([file, text]): [string, string[]] => [file, importsIn(text, file)]);
    return circlesIn(fileGraph(new Map(imports))).map(({ path, size }) => `${size}: ${path.join(' -> ')}`);
  };

  it.each([
    ['values', `import { b } from './b.ts';`],
    ['types', `import type { B } from './b.ts';`],
    ['types in place', `type B = import('./b.ts').B;`],
    ['re-exports', `export * from './b.ts';`],
    ['dynamic imports', `const b = () => import('./b.ts');`],
    ['names of the output', `import { b } from './b.js';`],
  ])('are found through %s, and shown as a path', (_, text) => {
    const circle = { 'src/a.ts': text, 'src/b.ts': `import type { A } from './deep/index.ts';` };
    const files = { ...circle, 'src/deep/index.ts': `export type { A } from '../a.ts';`, 'src/c.ts': text };
    expect(circlesOf(files)).toEqual(['3: src/a.ts -> src/b.ts -> src/deep/index.ts -> src/a.ts']);
  });

  it('are told apart, each with its shortest path', () => {
    const files = {
      'a.ts': `import './b.ts'; import './c.ts';`,
      'b.ts': `import './c.ts';`,
      'c.ts': `import './a.ts'; import './d.ts';`,
      'd.ts': `import './e.ts';`,
      'e.ts': `import './d.ts';`,
      'f.ts': `import './f.ts';`,
    };
    expect(circlesOf(files)).toEqual(['3: a.ts -> c.ts -> a.ts', '2: d.ts -> e.ts -> d.ts', '1: f.ts -> f.ts']);
  });

  it('are not seen where files only meet', () => {
    expect(circlesOf({ 'a.ts': `import './b.ts'; import './c.ts';`, 'b.ts': `import './c.ts';`, 'c.ts': '' })).toEqual(
      [],
    );
  });
});

describe('the table of imports', () => {
  const names = new Map([
    ['packages/core', '@varve/core'],
    ['packages/client', '@varve/client'],
  ]);

  it('counts what the sources of each package import of varve', () => {
    const imports = new Map([
      ['packages/client/src/a.ts', ['@varve/core', '@varve/core/contract', 'node:fs', './b.ts']],
      ['packages/client/src/b.ts', ['@varve/core/contract']],
      ['packages/client/test/b.test.ts', ['@varve/testing']],
      ['packages/core/src/index.ts', ['ulid']],
    ]);
    const boxes = countBoxes(imports, names);
    expect(renderTable(boxes)).toEqual([
      '  @varve/client  @varve/core 1, @varve/core/contract 2',
      '  @varve/core    -',
    ]);
    expect(circlesIn(boxGraph(boxes))).toEqual([]);
  });

  it('shows packages whose sources import each other as a circle', () => {
    const imports = new Map([
      ['packages/client/src/a.ts', ['@varve/core']],
      ['packages/core/src/a.ts', ['@varve/client/runs']],
    ]);
    expect(circlesIn(boxGraph(countBoxes(imports, names)))).toEqual([
      { path: ['@varve/client', '@varve/core', '@varve/client'], size: 2 },
    ]);
  });

  it('counts what each room of core imports of the others', () => {
    const graph = new Map([
      [`${CORE}/run/loop/a.ts`, [`${CORE}/run/loop/b.ts`, `${CORE}/contract/a.ts`, `${CORE}/contract/b.ts`]],
      [`${CORE}/index.ts`, [`${CORE}/run/loop/a.ts`]],
      ['packages/core/test/a.test.ts', [`${CORE}/run/loop/a.ts`]],
    ]);
    const lines = renderTable(countRooms(graph)).filter((line) => !line.endsWith(' -'));
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['run/loop', 'contract 2'],
      ['src', 'run/loop 1'],
    ]);
  });
});
