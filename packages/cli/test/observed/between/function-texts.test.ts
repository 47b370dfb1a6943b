import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

/** Expressions that read the text of `f`, and one that only calls it. */
const READS = [
  'f.toString()',
  'String(f)',
  '`${f}`',
  `'' + (f as any)`,
  'Function.prototype.toString.call(f)',
  `[f].join()`,
  `read(f)`,
];
const FILES = {
  'f.ts': `export const f = (log: string) => log + '!';\n`,
  'other.ts': `export const other = (v: string) => v;\n`,
  'node_modules/inject/package.json':
    '{ "name": "inject", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  'node_modules/inject/index.js': 'export const read = (f) => f.toString();\n',
};

const steps = READS.map(
  (read, at) => `@step(${at > 0 ? `{ after: 's${at - 1}' }` : ''}) s${at}() { this.r${at} = ${read}; }`,
);
const fields = READS.map((_, at) => `r${at}: any;`).join(' ');

describe('the text of a function', () => {
  it('counts for steps that read it, however they do', async () => {
    const { run, edit, fresh } = session(
      `${fields} c: any; ${steps.join('\n')}\n@step({ after: 's${READS.length - 1}' }) calls() { this.c = f('a') + other('b'); }`,
      FILES,
      `import { read } from 'inject';\nimport { f } from './f.ts';\nimport { other } from './other.ts';`,
    );
    const all = (status: string) => Object.fromEntries(READS.map((_, at) => [`s${at}`, status]));
    await run();
    expect((await run()).status).toEqual({ ...all(CACHED), calls: CACHED });
    edit({ 'other.ts': `export const other = (w: string) => w;\n` });
    expect((await run()).status).toEqual({ ...all(CACHED), calls: CACHED });
    edit({ 'f.ts': FILES['f.ts'].replaceAll('log', 'db') });
    const renamed = await run();
    expect(renamed.status).toEqual({ ...all(EXECUTED), calls: CACHED });
    expectSameResults(renamed, await fresh());
  });

  it('counts when it is read while files are loaded', async () => {
    const { run, edit, fresh } = session(
      'r: any; @step() s() { this.r = text; }',
      { ...FILES, 'text.ts': `import { f } from './f.ts';\nexport const text = String(f);\n` },
      `import { text } from './text.ts';`,
    );
    await run();
    expect((await run()).status.s).toBe(CACHED);
    edit({ 'f.ts': FILES['f.ts'].replaceAll('log', 'db') });
    const renamed = await run();
    expect(renamed.status.s).toBe(EXECUTED);
    expectSameResults(renamed, await fresh());
  });
});
