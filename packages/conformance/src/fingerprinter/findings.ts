import assert from 'node:assert/strict';
import type { Fingerprinter } from '@varve/core/contract';
import type { Case } from '../case.ts';
import { rejectsAs } from '../expect.ts';
import { fingerprintOf, flowOf, makeGraph } from './graph.ts';

const LIB = `export const SIZE = 2;
export function normalize(x: number) { return x / SIZE; }
`;
const FILES = {
  'flow.ts': flowOf({ top: `import { normalize } from './lib.ts';`, load: 'this.rows = normalize(4);' }),
  'lib.ts': LIB,
};

/** Cases about the findings that a fingerprint holds beside its digest. */
export const findingCases: readonly Case<Fingerprinter>[] = [
  {
    name: 'has an id, and gives one fingerprint a step in the order asked',
    async run(fingerprinter) {
      assert.match(fingerprinter.id, /^\S+$/, 'the id');
      const found = await fingerprinter.fingerprint(makeGraph(FILES), 'Penguins', ['report', 'load']);
      assert.deepEqual(
        found.map((it) => it.step),
        ['report', 'load'],
      );
      for (const { code } of found) assert.match(code, /^[a-z0-9]+:[0-9a-f]{32,}$/, 'the digest');
      assert.notEqual(found[0]?.code, found[1]?.code, 'two steps have the same fingerprint');
    },
  },
  {
    name: 'gives the same fingerprint again, in another folder, and beside other calls',
    async run(fingerprinter) {
      const first = await fingerprintOf(fingerprinter, FILES);
      const elsewhere = await fingerprintOf(fingerprinter, FILES, '/home/ada/another project');
      assert.equal(elsewhere.code, first.code, 'in another folder');
      const other = { 'flow.ts': flowOf({ load: 'this.rows = 7;' }) };
      const many = await Promise.all([FILES, other, FILES, other].map((files) => fingerprintOf(fingerprinter, files)));
      assert.deepEqual([many[0]?.code, many[2]?.code], [first.code, first.code], 'beside other calls');
    },
  },
  {
    name: 'explains itself by nodes with labels, lines and references',
    async run(fingerprinter) {
      const { nodes } = await fingerprintOf(fingerprinter, FILES);
      const node = nodes.find(({ label }) => label === 'lib.ts#normalize');
      assert.ok(node, `no node is labelled lib.ts#normalize: ${nodes.map(({ label }) => label).join(', ')}`);
      assert.equal(node.line, 2, 'the line of normalize');
      assert.ok(
        node.refs.some((index) => nodes[index]?.label === 'lib.ts#SIZE'),
        'normalize does not refer to SIZE',
      );
      for (const [index, { refs, from, line }] of nodes.entries()) {
        assert.ok(line >= 1 && from >= -1 && from < nodes.length && from !== index, `node ${index}`);
        assert.ok(
          refs.every((ref) => nodes[ref] !== undefined),
          `references of node ${index}`,
        );
      }
    },
  },
  {
    name: 'names what it cannot see through, and never rejects because of it',
    async run(fingerprinter) {
      const computed = flowOf({ load: `const name = 'lib'; this.rows = await import('./' + name + '.ts');` });
      const { hazards } = await fingerprintOf(fingerprinter, computed);
      assert.equal(hazards.length > 0, true, 'a computed import is no hazard');
      assert.deepEqual([hazards[0]?.file, hazards[0]?.line], ['flow.ts', 5]);
      for (const broken of [
        'class {{{',
        flowOf({ top: 'const = ;' }),
        flowOf({ load: 'eval("1"); with (x) {}' }),
        '',
      ]) {
        await fingerprinter.fingerprint(makeGraph({ 'flow.ts': broken }), 'Penguins', ['load']);
      }
      await fingerprinter.fingerprint(makeGraph(FILES), 'Nobody', ['nothing']);
    },
  },
  {
    name: 'finds calls that depend on more than the inputs, with their line',
    async run(fingerprinter) {
      const files = {
        'flow.ts': flowOf({ top: `import { roll } from './dice.ts';`, load: 'this.rows = roll();' }),
        'dice.ts': '\n\nexport const roll = () => Math.random();\n',
      };
      const { purity } = await fingerprintOf(fingerprinter, files);
      assert.deepEqual(
        purity.map(({ call, file, line }) => ({ call, file, line })),
        [{ call: 'Math.random', file: 'dice.ts', line: 3 }],
      );
      assert.deepEqual((await fingerprintOf(fingerprinter, FILES)).purity, [], 'findings in a step that is pure');
    },
  },
  {
    name: 'names module bindings that the step both reads and writes',
    async run(fingerprinter) {
      const counting = await fingerprintOf(
        fingerprinter,
        flowOf({ top: 'let count = 0;', load: 'count += 1; this.rows = count;' }),
      );
      assert.equal(
        counting.moduleState.some((name) => name.includes('count')),
        true,
        'a counter of the module',
      );
      const constant = await fingerprintOf(
        fingerprinter,
        flowOf({ top: 'const count = 0;', load: 'this.rows = count;' }),
      );
      assert.deepEqual(constant.moduleState, [], 'a constant of the module');
    },
  },
  {
    name: 'rejects with the reason when it is aborted',
    async run(fingerprinter) {
      const reason = new Error('not wanted any more');
      const options = { signal: AbortSignal.abort(reason) };
      await rejectsAs(reason, 'an aborted call', () =>
        fingerprinter.fingerprint(makeGraph(FILES), 'Penguins', ['load'], options),
      );
    },
  },
];
