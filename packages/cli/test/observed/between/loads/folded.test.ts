import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, type Seen, session } from '../../harness/session.ts';

/** Expressions for `./parts/$I.mjs` that the compiler may, or may not, replace by their value; `$I` is a number. */
const NAMES: Readonly<Record<string, string>> = {
  'a literal': `'./parts/$I.mjs'`,
  'a literal with an escaped character': `'./p%61rts/$I.mjs'`,
  'a sum with an escaped character': `'./p%61rts/' + '$I.mjs'`,
  'a computed name with an escaped character': `['./p%61rts', '$I.mjs'].join('/')`,
  'a sum': `'./parts/' + '$I.mjs'`,
  'a sum of three': `'./parts/' + ('$I' + '.mjs')`,
  'a sum with a number': `'./parts/' + $I + '.mjs'`,
  'a template of texts': '`./parts/${"$I"}.mjs`',
  'a template in a sum': '`./parts/` + `${"$I"}.mjs`',
  'a choice that is made': `true ? './parts/$I.mjs' : './parts/no.mjs'`,
  'the other choice': `false ? './parts/no.mjs' : './parts/$I.mjs'`,
  'a choice in a choice': `no ? './parts/no.mjs' : true ? './parts/$I.mjs' : './parts/no.mjs'`,
  'a choice of sums': `no ? './parts/' + 'no.mjs' : './parts/' + '$I.mjs'`,
  'a choice in a sum': `'./parts/' + (true ? '$I.mjs' : 'no.mjs')`,
  'a choice with a variable': `no ? name : './parts/' + '$I.mjs'`,
  'a choice in a template': '`./parts/${true ? "$I" : "no"}.mjs`',
  'a choice that a run makes': `no ? './parts/no.mjs' : './parts/$I.mjs'`,
  parentheses: `(('./parts/$I.mjs'))`,
  'a type': `'./parts/$I.mjs' as string`,
  'a type in a sum': `('./parts/' as string) + ('$I.mjs' satisfies string)`,
  'a sequence': `(0, './parts/$I.mjs')`,
  'a fallback': `'' || './parts/$I.mjs'`,
  'a fallback for nothing': `null ?? './parts/$I.mjs'`,
  'a condition': `true && './parts/$I.mjs'`,
  'a constant': `'./parts/' + own + '.mjs'`,
  'a constant alone': 'whole',
  'a constant in a template': '`./parts/${own}.mjs`',
  'a local constant': '`${whole}`',
  'a member of an enum': 'Names.Whole',
  'a member of an enum in a sum': `'./parts/' + Names.Own + '.mjs'`,
  'a member of an enum in a template': '`./parts/${Names.Own}.mjs`',
  'a constant enum': '`./parts/${Fixed.Own}.mjs`',
  'a property': `'./parts/' + box.own + '.mjs'`,
  'an element': `'./parts/' + ['$I'][0] + '.mjs'`,
  'a call': `['./parts', '$I.mjs'].join('/')`,
  'the text of a sum': `String('./parts/' + '$I.mjs')`,
};
const WAYS = Object.keys(NAMES);

const moduleOf = (name: string, at: number, load: (name: string) => string) => `const no = Math.sqrt(4) > 3;
const own = '${at}', whole = './parts/${at}.mjs', box = { own }, name = './parts/no.mjs';
enum Names { Own = '${at}', Whole = './parts/${at}.mjs' }
const enum Fixed { Own = '${at}' }
export const look = async () => { void [own, whole, box, name, Names, Fixed.Own, no]; return ${load(name.replaceAll('$I', String(at)))}; };
`;

function folded(load: (name: string) => string) {
  const files = Object.fromEntries(
    Object.values(NAMES).map((name, at) => [`way${at}.ts`, moduleOf(name, at, load)] as const),
  );
  const members = WAYS.map(
    (_, at) => `  r${at}!: unknown;\n  @step() async s${at}() { this.r${at} = await look${at}(); }`,
  );
  const top = WAYS.map((_, at) => `import { look as look${at} } from './way${at}.ts';`);
  const head = { 'package.json': '{ "type": "module" }\n', 'parts/no.mjs': `export const v = 'no';\n` };
  return session(members.join('\n'), { ...head, ...files }, top.join('\n'));
}

const parts = (text: (at: number) => string | undefined) =>
  Object.fromEntries(WAYS.map((_, at) => [`parts/${at}.mjs`, text(at)]));
const holding = (word: string) => (at: number) => `export const v = '${word} ${at}';\n`;

const missing = (at: number) =>
  `r${at} json/1 sha256:${createHash('sha256').update('"ERR_MODULE_NOT_FOUND"').digest('hex')}`;

function expectAll(seen: Seen, status: string): void {
  const others = WAYS.filter((_, at) => seen.status[`s${at}`] !== status);
  expect(others.map((way) => `${way} is not ${status}`)).toEqual([]);
}

describe('a name that the compiler may fold', { timeout: 240_000 }, () => {
  it('counts by the file it leads to', async () => {
    const { run, edit, fresh } = folded((name) => `(await import(${name})).v`);
    edit(parts(holding('one')));
    await run();
    expectAll(await run(), CACHED);
    edit({ 'parts/far.mjs': 'export {};\n' });
    expectAll(await run(), CACHED);
    edit(parts(holding('two')));
    const again = await run();
    expectAll(again, EXECUTED);
    expectSameResults(again, await fresh());
  });

  it('counts when the file appears, changes, and goes away', async () => {
    const { run, edit, fresh } = folded((name) => `import(${name}).then((m) => m.v, (e) => e.code)`);
    for (const text of [() => undefined, holding('one'), holding('two'), () => undefined, holding('three')]) {
      edit(parts(text));
      const now = await run();
      expectSameResults(now, await fresh());
      expectAll(await run(), CACHED);
      if (text(0) === undefined) expect(Object.values(now.result)).toEqual(WAYS.map((_, at) => missing(at)));
    }
  });
});

describe('a name in CommonJS that the compiler may fold', { timeout: 240_000 }, () => {
  it('counts by the file it leads to', async () => {
    const ways = [`'./a' + '.cjs'`, `true ? './a.cjs' : './b.cjs'`, '`./${"a"}.cjs`', `('./a.cjs')`, `(0, './a.cjs')`];
    const { run, edit, fresh } = session(
      ways.map((_, at) => `  r${at}!: unknown;\n  @step() s${at}() { this.r${at} = w${at}.look(); }`).join('\n'),
      {
        'a.cjs': `exports.v = 'one';\n`,
        'b.cjs': `exports.v = 'other';\n`,
        ...Object.fromEntries(
          ways.map((way, at) => [
            `w${at}.cjs`,
            `exports.look = () => { try { return require(${way}).v; } catch (error) { return error.code; } };\n`,
          ]),
        ),
      },
      ways.map((_, at) => `import w${at} from './w${at}.cjs';`).join('\n'),
    );
    await run();
    edit({ 'a.cjs': `exports.v = 'two';\n` });
    const again = await run();
    expect(Object.values(again.status)).toEqual(ways.map(() => EXECUTED));
    expectSameResults(again, await fresh());
    edit({ 'a.cjs': undefined });
    expectSameResults(await run(), await fresh());
  });
});
