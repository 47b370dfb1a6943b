import type { CodeFingerprint, Fingerprinter } from '@varve/core/contract';
import ts from 'typescript';
import { Slicer } from '../reference/slicer.ts';

export interface BrokenFingerprinter {
  readonly mistake: string;
  readonly failing: readonly string[];
  readonly fingerprinter: Fingerprinter;
}

type Follow = Slicer['follow'];

/** Makes a slicer that does not follow some nodes. */
function blindTo(isBlind: (...args: Parameters<Follow>) => boolean): Fingerprinter {
  return new (class extends Slicer {
    protected override follow(...args: Parameters<Follow>): ReturnType<Follow> {
      const found = super.follow(...args);
      return isBlind(...args) ? [] : found;
    }
  })();
}

function changing(change: (found: CodeFingerprint) => CodeFingerprint): Fingerprinter {
  const good = new Slicer();
  return { id: good.id, fingerprint: async (...args) => (await good.fingerprint(...args)).map(change) };
}

let calls = 0;

/** Every known mistake of fingerprinters. */
export const brokenFingerprinters: readonly BrokenFingerprinter[] = [
  {
    mistake: 'looks at the step alone',
    failing: [
      'changes with everything the step reaches in its file',
      'changes with what the step imports, however it is imported',
      'changes with what is reached through files between',
      'changes with a method of a base class',
    ],
    fingerprinter: blindTo(() => true),
  },
  {
    mistake: 'does not follow this',
    failing: ['changes with everything the step reaches in its file', 'changes with a method of a base class'],
    fingerprinter: blindTo((_modules, _unit, node) => ts.isPropertyAccessExpression(node)),
  },
  {
    mistake: 'does not follow an import when it is needed',
    failing: ['changes with what the step imports, however it is imported'],
    fingerprinter: blindTo((_modules, _unit, node) => ts.isCallExpression(node)),
  },
  {
    mistake: 'does not follow what files export again',
    failing: ['changes with what is reached through files between'],
    fingerprinter: blindTo((modules, unit, node) => {
      const imported = ts.isIdentifier(node) ? modules.get(unit.file)?.imported.get(node.text) : undefined;
      return imported !== undefined && (modules.get(imported.file)?.stars.length ?? 0) > 0;
    }),
  },
  {
    mistake: 'hashes whole files',
    failing: ['does not change with what the step does not reach', 'does not change with comments and layout'],
    fingerprinter: {
      id: 'files/1',
      async fingerprint(graph, flow, steps, options) {
        const found = await new Slicer().fingerprint(graph, flow, steps, options);
        const files = graph.modules.map(({ digest }) => digest.slice('sha256:'.length)).join('');
        return found.map((it) => ({ ...it, code: `${it.code}${files}` }));
      },
    },
  },
  {
    mistake: 'gives the steps in the order of the class',
    failing: ['has an id, and gives one fingerprint a step in the order asked'],
    fingerprinter: {
      id: 'order/1',
      fingerprint: (graph, flow, steps, options) => new Slicer().fingerprint(graph, flow, [...steps].sort(), options),
    },
  },
  {
    mistake: 'hashes where the files are',
    failing: ['gives the same fingerprint again, in another folder, and beside other calls'],
    fingerprinter: {
      id: 'place/1',
      async fingerprint(graph, flow, steps, options) {
        const found = await new Slicer().fingerprint(graph, flow, steps, options);
        return found.map((it) => ({ ...it, code: `${it.code}${Buffer.from(graph.root).toString('hex')}` }));
      },
    },
  },
  {
    mistake: 'counts its calls into the digest',
    failing: ['gives the same fingerprint again, in another folder, and beside other calls'],
    fingerprinter: changing((found) => {
      calls += 1;
      return { ...found, code: `${found.code}${calls.toString(16)}` };
    }),
  },
  {
    mistake: 'counts lines from 0 and forgets references',
    failing: ['explains itself by nodes with labels, lines and references'],
    fingerprinter: changing((found) => ({
      ...found,
      nodes: found.nodes.map((node) => ({ ...node, line: node.line - 1, refs: [] })),
    })),
  },
  {
    mistake: 'keeps silent about a computed import',
    failing: ['names what it cannot see through, and never rejects because of it'],
    fingerprinter: changing((found) => ({ ...found, hazards: [] })),
  },
  {
    mistake: 'throws when the flow has a mistake',
    failing: ['names what it cannot see through, and never rejects because of it'],
    fingerprinter: changing((found) => {
      if (found.nodes.length === 0) throw new SyntaxError('no such step');
      return found;
    }),
  },
  {
    mistake: 'reports findings at the step that reaches them',
    failing: ['finds calls that depend on more than the inputs, with their line'],
    fingerprinter: changing((found) => ({ ...found, purity: found.purity.map((it) => ({ ...it, file: 'flow.ts' })) })),
  },
  {
    mistake: 'takes every module binding for state',
    failing: ['names module bindings that the step both reads and writes'],
    fingerprinter: changing((found) => ({ ...found, moduleState: found.nodes.map(({ label }) => label) })),
  },
  {
    mistake: 'never looks at the signal',
    failing: ['rejects with the reason when it is aborted'],
    fingerprinter: {
      id: 'deaf/1',
      fingerprint: (graph, flow, steps) => new Slicer().fingerprint(graph, flow, steps),
    },
  },
];
