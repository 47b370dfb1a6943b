import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

/** Ways to fill `reg` with `'one'` that only code at load takes. */
const FILLS: Readonly<Record<string, string>> = {
  'a method of an object': `const app = { add(v: string) { reg.push(v); } };\napp.add('one');`,
  'a method of an object that is exported': `export const app = { add(v: string) { reg.push(v); } };\napp.add('one');`,
  'an instance': `class App { add(v: string) { reg.push(v); } }\nnew App().add('one');`,
  'an instance in a variable': `class App { add(v: string) { reg.push(v); } }\nconst app = new App();\napp.add('one');`,
  'an instance with fields': `class App { n = 0; add(v: string) { this.n++; reg.push(v); } }\nconst app = new App();\napp.add('one');`,
  'a method of a base class': `class Base { add(v: string) { reg.push(v); } }\nclass App extends Base {}\nnew App().add('one');`,
  'a method that a constructor calls': `class Base { constructor() { this.init(); } init() {} }\nclass App extends Base { override init() { reg.push('one'); } }\nnew App();`,
  forEach: `const add = (v: string) => { reg.push(v); };\n['one'].forEach(add);`,
  'a function': `const add = (v: string) => { reg.push(v); };\nadd('one');`,
  'a decorator': `const register = (_: any, c: any) => { reg.push(c.name + 'one'); };\n@register class App {}\nvoid App;`,
  'a decorator of a method': `const register = (_: any, c: any) => { reg.push(c.name + 'one'); };\nclass App { @register run() {} }\nvoid App;`,
  'a factory of decorators': `const route = (path: string) => (_: any, __: any) => { reg.push(path); };\nclass App { @route('one') run() {} }\nvoid App;`,
  'a chain': `const app = { add(v: string) { reg.push(v); return this; } };\napp.add('zero').add('one');`,
  'a static method': `class App { static add(v: string) { reg.push(v); } }\nApp.add('one');`,
};

const REG = `export const reg: string[] = [];\nexport const hooks: any[] = [];\n`;

/** A flow with one step for each way, which sees a registry of its own. */
function flowOf(fills: readonly string[], use: (at: number) => string) {
  const files = (texts: readonly string[]) =>
    Object.fromEntries(
      texts.flatMap((text, at) => [
        [`reg${at}.ts`, REG],
        [`fill${at}.ts`, `import { hooks, reg } from './reg${at}.ts';\n${text}\nvoid hooks;\n`],
      ]),
    );
  const imports = fills.map(
    (_, at) =>
      `import { hooks as hooks${at}, reg as reg${at} } from './reg${at}.ts';\nimport './fill${at}.ts';\nvoid hooks${at};`,
  );
  const steps = fills.map((_, at) => {
    const options = at > 0 ? `{ after: 's${at - 1}' }` : '';
    return `r${at}: unknown;\n@step(${options}) s${at}() { this.r${at} = ${use(at)}; }`;
  });
  return { ...session(steps.join('\n'), files(fills), imports.join('\n')), files };
}

const every = (texts: readonly unknown[], status: string) =>
  Object.fromEntries(texts.map((_, at) => [`s${at}`, status]));

describe('what only code at load fills', () => {
  it('is no state of tasks', async () => {
    const fills = Object.values(FILLS);
    const { run, edit, fresh, files } = flowOf(fills, (at) => `reg${at}.join()`);
    await run();
    expect((await run()).status).toEqual(every(fills, CACHED));
    edit(files(fills.map((text) => text.replaceAll("'one'", "'two'"))));
    const edited = await run();
    expect(edited.status).toEqual(every(fills, EXECUTED));
    expectSameResults(edited, await fresh());
  });

  /** Functions that fill it and outlive the load: `call` of a step runs them. */
  const KEPT: Readonly<Record<string, readonly [fill: string, call: string]>> = {
    'a method in a list': [`const app = { add() { reg.push('x'); } };\nhooks.push(app.add);`, 'hooks[0]()'],
    'an object in a list': [`const app = { add() { reg.push('x'); } };\nhooks.push(app);`, 'hooks[0].add()'],
    'a function that a method keeps': [
      `const app = { add() { hooks.push(() => reg.push('x')); } };\napp.add();`,
      'hooks[0]()',
    ],
    'an object that keeps itself': [
      `const app = { add() { reg.push('x'); }, keep() { hooks.push(this); } };\napp.keep();`,
      'hooks[0].add()',
    ],
    'an object that keeps its method': [
      `const app = { add() { reg.push('x'); }, keep() { const { add } = this; hooks.push(add); } };\napp.keep();`,
      'hooks[0]()',
    ],
    'an instance that keeps itself': [
      `class App { constructor() { hooks.push(this); } add() { reg.push('x'); } }\nnew App();`,
      'hooks[0].add()',
    ],
    'an instance that its base class keeps': [
      `class Base { constructor() { hooks.push(this); } }\nclass App extends Base { add() { reg.push('x'); } }\nnew App();`,
      'hooks[0].add()',
    ],
    'an instance in a list': [`class App { add() { reg.push('x'); } }\nhooks.push(new App());`, 'hooks[0].add()'],
    'an instance that a function keeps': [
      `class App { add() { reg.push('x'); } }\nconst keep = (v: any) => { hooks.push(v); };\nkeep(new App());`,
      'hooks[0].add()',
    ],
    'an instance that a function makes': [
      `class App { add() { reg.push('x'); } }\nconst make = () => new App();\nhooks.push(make());`,
      'hooks[0].add()',
    ],
    'what a method returns': [
      `const app = { make() { return { add() { reg.push('x'); } }; } };\nhooks.push(app.make());`,
      'hooks[0].add()',
    ],
    'what a method of a chain returns': [
      `const app = { self() { return this; }, add() { reg.push('x'); } };\nhooks.push(app.self());`,
      'hooks[0].add()',
    ],
  };
  it('is state of tasks if functions that fill it outlive the load', async () => {
    const kept = Object.values(KEPT);
    const { run } = flowOf(
      kept.map(([fill]) => fill),
      (at) => `(${kept[at]?.[1].replace('hooks', `hooks${at}`)}, reg${at}.length)`,
    );
    await run();
    expect((await run()).status).toEqual(every(kept, EXECUTED));
  });
});

describe('state of code that is not followed', () => {
  it('keeps only steps from the cache that come upon it', async () => {
    const { run } = session(
      `a!: unknown; b!: unknown; c!: unknown;
      @step() reads() { this.a = reg.run(); }
      @step({ after: 'reads' }) other() { this.b = n; }
      @step({ after: 'other' }) plain() { this.c = 1; }`,
      {
        'reg.ts': `export const reg: any = {};\n`,
        'n.ts': `export const n = 1;\n`,
        'late.ts': `import { reg } from './reg.ts';\nlet z = 0;\nconst ready = Promise.resolve().then(() => { z = 1; });\nawait ready;\nreg.run = () => z;\n`,
      },
      `import { reg } from './reg.ts';\nimport { n } from './n.ts';\nimport './late.ts';`,
    );
    await run();
    expect((await run()).status).toEqual({ reads: EXECUTED, other: CACHED, plain: CACHED });
  });
});
