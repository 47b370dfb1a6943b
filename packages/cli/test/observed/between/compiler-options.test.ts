import { expect, it } from 'vitest';
import { session } from '../harness/session.ts';

/** Names of compiler options that change what code does, with another value than the one before. */
const OPTIONS = [
  ['jsx', { jsx: 'react-jsx' }],
  ['experimentalDecorators', { experimentalDecorators: true }],
  ['useDefineForClassFields', { useDefineForClassFields: false }],
] as const;

const config = (compilerOptions: object) => `${JSON.stringify({ compilerOptions })}\n`;

it('the reason for a run after an edit of tsconfig.json names the option', async () => {
  const { run, edit } = session(
    'r!: number; q!: number;\n@step() one() { this.r = 1; }\n@step() two() { this.q = value(); }',
    {
      'tsconfig.json': config({ jsx: 'react' }),
      'sub/tsconfig.json': config({ jsx: 'react' }),
      'sub/value.ts': 'export class Value { v = 2; }\nexport const value = () => new Value().v;\n',
    },
    `import { value } from './sub/value.ts';`,
  );
  await run();
  const whyOf = async () => (await run()).run.tasks.map(({ task, why }) => `${task}: ${why}`);
  for (const [name, options] of OPTIONS) {
    edit({ 'tsconfig.json': config({ jsx: 'react', ...options }), 'sub/tsconfig.json': undefined });
    expect(await whyOf()).toContain(`one: CODE the option ${name} in tsconfig.json changed`);
    edit({ 'tsconfig.json': config({ jsx: 'react' }) });
    await run();
  }
});
