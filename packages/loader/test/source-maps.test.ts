import { expect, test } from 'vitest';
import { tempProject } from './temp-project.ts';

test('the stack of an error in compiled code names the line and column of the source file', async () => {
  const project = tempProject({
    'main.ts': 'import { fail } from "./lib/fail.ts";\n\ninterface Unused { a: number }\nfail({ a: 1 } as Unused);\n',
    'lib/fail.ts':
      'const here = import.meta.url;\n\nexport function fail(_: object): never {\n  throw new Error("boom " + (here.length > 0));\n}\n',
  });
  const { stderr } = await project.run('main.ts');
  expect(stderr).toContain('boom true');
  expect(stderr).toContain(`${project.path('lib/fail.ts')}:4:9`);
  expect(stderr).toContain(`${project.path('main.ts')}:4:1`);
});

test('the source map holds the sources as they are on disk', async () => {
  const text = 'export const here: string = import.meta.url;';
  const project = tempProject({ 'main.ts': text });
  const { code } = await project.run('main.ts');
  const encoded = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code)?.[1] ?? '';
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  expect(map.sourcesContent[map.sources.indexOf(project.url('main.ts'))]).toBe(text);
});
