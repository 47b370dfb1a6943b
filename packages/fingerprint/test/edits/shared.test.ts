import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const body = (read: string) => `  rows!: unknown;
  @step() reads() { this.rows = ${read}; }
  @step({ after: 'reads' }) plain() { this.rows = 1; }`;

const BOXES = { object: '{ v: 1 }', any: '{} as Record<string, number>', map: 'new Map<string, number>()' };

for (const [again, name] of [
  ["export * from './box.ts';", 'box'],
  ["export * from './third.ts';\nexport * from './box.ts';", 'box'],
  ["import { box } from './box.ts';\nexport { box as again };\nexport * from './third.ts';", 'again'],
  ["export * as inner from './box.ts';", 'inner'],
] as const) {
  for (const [kind, box] of Object.entries(BOXES)) {
    const to = name === 'inner' ? 'it.box' : 'it';
    const put = (n: number) => (kind === 'map' ? `${to}.set('v', ${n});` : `${to}.v = ${n};`);
    runScenario({
      name: `a write through ${JSON.stringify(again)} is a write of the ${kind}`,
      files: {
        'flow.ts': flow(
          `import { box } from './box.ts';\nimport './setup.ts';`,
          body(kind === 'map' ? "box.get('v')" : 'box.v'),
        ),
        'box.ts': `export const box = ${box};\n`,
        'third.ts': 'export const third = 3;\n',
        'again.ts': `${again}\n`,
        'setup.ts': `import { ${name} as it } from './again.ts';\n${put(2)}\n`,
      },
      edits: [edit('the value', ['reads'], { 'setup.ts': [[put(2), put(3)]] })],
    });
  }
}

for (const load of [
  "require('../in/' + name + '.json')",
  'require(`../in/${name}.json`)',
  "import('../in/' + name + '.json')",
]) {
  runScenario({
    name: `files of a folder from which a CommonJS file says ${load} are no code: what it loads is observed`,
    files: {
      'flow.ts': flow("import read from './lib/read.cjs';", body("read('a')")),
      'lib/read.cjs': `module.exports = (name) => ${load};\n`,
      'in/a.json': '{ "a": 1 }',
      'in/b.json': '{ "a": 2 }',
    },
    edits: [
      edit('a file of the folder', [], { 'in/a.json': '{ "a": 7 }' }),
      edit('the CommonJS file', 'all', { 'lib/read.cjs': [['(name)', '(name, other)']] }),
    ],
  });
}
