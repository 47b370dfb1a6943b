import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { codesIn, findCodes } from '../error-docs/find-codes.mjs';
import { type Group, readExitCodes, readTable } from '../error-docs/read-table.mjs';
import { renderPage } from '../error-docs/render-page.mjs';
import { ROOT } from '../shell/root.mjs';
import { capture } from '../shell/run.mjs';

const TABLE = 'packages/cli/src/error-codes/';
const CONTRACT = 'packages/core/src/contract/datastore.ts';

let groups: readonly Group[];
let exitCodes: Readonly<Record<string, number>>;
let literals: Map<string, string[]>;
/** Codes of store errors, which are no literals: users see them as `VARVE_STORE_…`. */
let answers: string[];

beforeAll(async () => {
  groups = await readTable();
  exitCodes = await readExitCodes();
  literals = findCodes(ROOT, [TABLE]);
  const union = /type StoreErrorCode =([^;]+);/.exec(readFileSync(join(ROOT, CONTRACT), 'utf8'))?.[1] ?? '';
  answers = [...union.matchAll(/'([a-z-]+)'/g)].map(
    ([, name = '']) => `VARVE_STORE_${name.toUpperCase().replaceAll('-', '_')}`,
  );
});

const documented = () => groups.flatMap(({ entries }) => Object.keys(entries));

describe('the table of error codes', () => {
  it('has every code of the sources', () => {
    const missing = [...literals].filter(([code]) => !documented().includes(code));
    expect(missing.map(([code, files]) => `${code}: describe it in ${TABLE}, it is used in ${files}`)).toEqual([]);
    expect(answers.filter((code) => !documented().includes(code))).toEqual([]);
  });

  it('has no code that the sources do not use', () => {
    expect(documented().filter((code) => !literals.has(code) && !answers.includes(code))).toEqual([]);
  });

  it('has each code once', () => {
    expect(documented().filter((code, i, all) => all.indexOf(code) !== i)).toEqual([]);
    expect(answers).toContain('VARVE_STORE_NO_SPACE');
    expect(answers.filter((code) => literals.has(code))).toEqual([]);
  });

  it('gives each code a meaning and a remedy of one line, and a known exit code if it ends a command', () => {
    for (const [code, { meaning, remedy, exit }] of groups.flatMap(({ entries }) => Object.entries(entries))) {
      for (const text of [meaning, remedy]) expect(text, code).toMatch(/^[`*A-Z].{5,}\.$/);
      if (exit !== undefined) expect(Object.keys(exitCodes), code).toContain(exit);
    }
  });
});

describe('the page of error codes', () => {
  const page = () =>
    renderPage(
      [
        {
          title: 'Two words',
          about: 'About them.',
          entries: {
            VARVE_B: { meaning: 'It is B.', remedy: 'Do b.' },
            VARVE_A: { meaning: 'It is A.', remedy: 'Do a.', exit: 'flow' },
          },
        },
      ],
      { flow: 3 },
    );

  it('has a heading for each code, sorted, under the heading of its group', () => {
    expect(page().match(/^##.*$/gm)).toEqual(['## Two words', '### VARVE_A', '### VARVE_B']);
    expect(page()).toContain('- [Two words](#two-words): 2 codes\n');
    expect(page()).toContain('### VARVE_A\n\nIt is A.\n\n**What to do:** Do a.\n\nExit code: 3\n\n### VARVE_B');
    expect(page()).toMatch(/Do b\.\n$/);
  });

  it('is up to date', async () => {
    const { code, output } = await capture(process.execPath, [join(ROOT, 'scripts/error-docs.mjs'), '--check']);
    expect(output).toContain('up to date');
    expect(code).toBe(0);
  });
});

describe('the search for error codes', () => {
  it('takes quoted codes, not environment variables or names in prose', () => {
    const text = `throw new VarveError('VARVE_ONE', x); // VARVE_TWO
      const from = process.env.VARVE_THREE ?? \`VARVE_FOUR=\${x}\`; at(step, "VARVE_FIVE");`;
    expect([...codesIn(text)]).toEqual(['VARVE_ONE', 'VARVE_FIVE']);
  });

  it('reads all sources of all packages, and names the files', () => {
    const root = mkdtempSync(join(tmpdir(), 'varve-codes-'));
    for (const folder of ['packages/a/src/deep', 'packages/b/src', 'packages/b/test'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'packages/a/src/deep/x.ts'), `'VARVE_X'`);
    writeFileSync(join(root, 'packages/b/src/y.ts'), `'VARVE_X' 'VARVE_Y'`);
    writeFileSync(join(root, 'packages/b/test/z.ts'), `'VARVE_Z'`);
    expect([...findCodes(root, [])]).toEqual([
      ['VARVE_X', ['packages/a/src/deep/x.ts', 'packages/b/src/y.ts']],
      ['VARVE_Y', ['packages/b/src/y.ts']],
    ]);
    rmSync(root, { recursive: true });
  });
});
