import { expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

const PACKAGE = {
  'node_modules/p/package.json': '{"name":"p","version":"1.0.0","type":"module","exports":"./p.js"}',
  'node_modules/p/p.js': `const mode = process.env.LOAD_ORDER ?? 'unset'; export const v = () => mode;`,
};

const flow = (body: string, imports = '') => `${imports}
import { Flow, step } from 'varve';
export default class Loads extends Flow {
  seen: unknown;
${body}
}
`;

it('a module that comes before a package is evaluated before it, and belongs to the code of all steps', async () => {
  const project = new Project({
    ...PACKAGE,
    'setup.ts': `process.env.LOAD_ORDER = 'one';`,
    'flow.ts': flow(
      '@step() look() { this.seen = v(); }\n@step({ after: "look" }) say() { console.log("seen", this.seen); }',
      `import './setup.ts';\nimport { v } from 'p';`,
    ),
  });
  const run = async () => expectCode(await project.varve(['run', 'flow.ts']), 0).stderr;
  expect(await run()).toMatch(/seen one/);
  expect(await run()).toMatch(/look {2}cached/);
  project.write('setup.ts', `process.env.LOAD_ORDER = 'two';`);
  expect(await run()).toMatch(/seen two/);
});

it('a flow that breaks JSON while it is loaded is refused by name, and one that only stands in for it runs', async () => {
  const project = new Project({
    'broken.ts': `const own = JSON.stringify; JSON.stringify = (...all) => own(...all) + ' // x';\n${flow('@step() look() {}')}`,
    'sound.ts': `const own = JSON.stringify; JSON.stringify = (...all) => own(...all);\n${flow('@step() look() { this.seen = 1; }')}`,
  });
  const broken = await project.varve(['run', 'broken.ts']);
  expect(broken.code).not.toBe(0);
  expect(broken.stderr).toContain('VARVE_BROKEN_BUILT_IN');
  expect(broken.stderr).toMatch(
    /broken\.ts, or what it imports, has put something else in the place of JSON\.stringify/,
  );
  expectCode(await project.varve(['run', 'sound.ts']), 0);
});

it('a name that is computed as a whole leads to TypeScript only where Node loads it, and the error says what to write', async () => {
  const project = new Project({
    'package.json': '{"type":"module","imports":{"#p/*":"./parts/*.ts"}}',
    'parts/one.ts': 'export const one: number = 1;',
    'whole.ts': flow(
      `@step() async look() {\n  const path = ['.', 'parts', 'one.ts'].join('/');\n  this.seen = (await import(path)).one;\n}`,
    ),
    'alias.ts': flow(`@step() async look() {\n  this.seen = (await import('#p/' + ['one'].join())).one;\n}`),
    'folder.ts': flow(`@step() async look() {\n  this.seen = (await import('./parts/' + ['one.ts'].join())).one;\n}`),
  });
  expectCode(await project.varve(['run', 'folder.ts']), 0);
  for (const [file, line] of [
    ['whole.ts', 7],
    ['alias.ts', 6],
  ] as const) {
    const { code, stderr } = await project.varve(['run', file]);
    if ('typescript' in process.features && process.features.typescript) expect(code, stderr).toBe(0);
    else
      expect(stderr).toMatch(
        new RegExp(
          `leads to one\\.ts, .*Write import\\('\\./parts/' \\+ name\\) {2}VARVE_IMPORT_NOT_COMPILED\\s+${file}:${line}`,
        ),
      );
  }
});
