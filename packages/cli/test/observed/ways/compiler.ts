import type { Row } from '../harness/row.ts';
import { type Change, type World, withFiles } from '../harness/world.ts';

/** Options of a `tsconfig.json`, as far as rows show them. */
export type Options = Readonly<Record<string, unknown>>;

/** What shows an option: modules in the folder `ts/$ID/`, of which one exports `look`. */
interface Show {
  readonly option: string;
  /** Name of the module. */
  readonly at: string;
  readonly files: Readonly<Record<string, string>>;
  /** It does something while modules load: that belongs to all steps. */
  readonly loads?: boolean;
}

const BASE = `class Base { set v(x: unknown) { (this as any).got = 'set ' + x; } }\n`;
const one = (option: string, text: string, at = 'show.ts', files: Show['files'] = {}): Show => ({
  ...{ option, at },
  files: { [at]: text, ...files },
});
const loading = (...show: Parameters<typeof one>): Show => ({ ...one(...show), loads: true });

const JSX = {
  'jsx.ts': `export const h = (tag: unknown) => 'h ' + String(tag);\nexport const g = (tag: unknown) => 'g ' + String(tag);\nexport const React = { createElement: (tag: unknown) => 'React ' + String(tag), Fragment: 'React.Fragment' };\nexport const F = 'F';\nexport const G = 'G';\n`,
  ...Object.fromEntries(
    ['one', 'two'].flatMap((name) =>
      ['jsx', 'jsxDEV'].map((kind) => [
        `${name}/${kind === 'jsx' ? 'jsx-runtime' : 'jsx-dev-runtime'}.ts`,
        `export const ${kind} = (tag: unknown) => '${name} ${kind} ' + String(tag);\nexport const ${kind}s = ${kind};\nexport const Fragment = '${name} fragment';\n`,
      ]),
    ),
  ),
};
const USES_JSX = `import { F, G, React, g, h } from './jsx.ts';\nvoid [F, G, React, g, h];\n`;
/** A function, so that what decorators were given is no state of the module. */
const decorated = (box: string, given = 'given.length, typeof given[1], typeof given[2]') =>
  one(
    'decorators',
    `export function look() { const seen: unknown[] = []; const mark = (...given: any[]): any => { seen.push(${given}); }; ${box} void Box; return seen.join(); }\n`,
  );

const SHOWS: readonly Show[] = [
  one(
    'define',
    `${BASE}class Box extends Base { v = 'x'; }\nexport const look = () => (new Box() as any).got ?? 'defined';\n`,
  ),
  one(
    'define',
    `class Base { static get s() { return 'x'; } }\nconst make = () => { try { return String(class extends Base { static s = 'y'; }.s); } catch { return 'not assigned'; } };\nexport const look = () => make();\n`,
  ),
  one(
    'define',
    `class Box { w!: unknown; constructor() { (this as any).w ??= 1; } }\nclass Own extends Box { w: any; }\nexport const look = () => String(Object.keys(new Own())) + (new Own() as any).w;\n`,
  ),
  one(
    'define',
    `class Box { b = (this as any).a; constructor(readonly a: string) {} }\nexport const look = () => Object.keys(new Box('a')).join() + new Box('a').b;\n`,
  ),
  one(
    'define',
    `import { Base } from './base.ts';\nexport class Box extends Base { v = 'x'; }\nexport const look = () => (new Box() as any).got ?? 'defined';\n`,
    'show.ts',
    { 'base.ts': `export ${BASE}` },
  ),
  loading(
    'define',
    `${BASE}class Box extends Base { v = 'x'; }\nconst got = (new Box() as any).got ?? 'defined';\nexport const look = () => got;\n`,
  ),
  one(
    'define',
    `${BASE}const made = () => class extends Base { v = 'x'; };\nexport const look = () => (new (made())() as any).got ?? 'defined';\n`,
    'show.mts',
  ),
  decorated('class Box { @mark go() {} }'),
  decorated('class Box { @mark v = 1; }'),
  decorated('@mark class Box { static v = 1; }'),
  decorated('class Box { @mark get v() { return 1; } }', 'typeof given[1]'),
  one('jsx', `${USES_JSX}export const look = () => String(<p/>);\n`, 'view.tsx', JSX),
  loading('jsx', `${USES_JSX}const made = <p>{1}</p>;\nexport const look = () => String(made);\n`, 'view.tsx', JSX),
  one('jsx', `${USES_JSX}export const look = () => String(<><p/></>);\n`, 'view.tsx', JSX),
  one('paths', `import { it } from 'it-$ID';\nexport const look = () => it;\n`, 'show.ts', {
    'a.ts': `export const it = 'a';\n`,
    'b.ts': `export const it = 'b';\n`,
  }),
  one('paths', `export { look } from 'it-$ID/sub';\n`, 'show.ts', {
    'a/sub.ts': `export const look = () => 'a';\n`,
    'b/sub.ts': `export const look = () => 'b';\n`,
    'b/more.ts': '',
  }),
  one('paths', `export const look = async () => (await import('it-$ID')).it;\n`, 'show.ts', {
    'a.ts': `export const it = 'a';\n`,
    'b.ts': `export const it = 'b';\n`,
  }),
  loading(
    'imports',
    `import { box } from './box.ts';\nimport { unused } from './effect.ts';\nexport const look = () => box.n;\n`,
    'show.ts',
    {
      'box.ts': `export const box = { n: 'untouched' };\n`,
      'effect.ts': `import { box } from './box.ts';\nbox.n = 'touched';\nexport const unused = 1;\n`,
    },
  ),
  loading(
    'imports',
    `import { got } from './box.ts';\nimport { type Unused } from './effect.ts';\nexport const look = () => got();\n`,
    'show.ts',
    {
      'box.ts': `let n = 'untouched';\nexport const got = () => n;\nexport const put = (x: string) => { n = x; };\n`,
      'effect.ts': `import { put } from './box.ts';\nput('touched');\nexport type Unused = 1;\n`,
    },
  ),
];

const AT_LOAD = 'while modules load';
const COMPUTED = 'by import() of a computed name';

/** One way for the row's module to get from there what it looks at. `$AT` is the module. */
const REACHES: readonly (readonly [way: string, module: string])[] = [
  ['re-exported', `export { look } from '$AT';`],
  ['imported', `import { look as found } from '$AT';\nexport const look = async () => String(await found());`],
  ['by a namespace', `import * as all from '$AT';\nexport const look = () => all['lo' + 'ok']();`],
  ['by import()', `export const look = async () => (await import('$AT')).look();`],
  [
    COMPUTED,
    `const parts = ['$NAME'];\nexport const look = async () => (await import('$DIRECTORY/' + parts.join(''))).look();`,
  ],
  [
    AT_LOAD,
    `import { look as found } from '$AT';\nconst text = String(await found());\nexport const look = () => text;`,
  ],
  [
    'kept in an object',
    `import { look as found } from '$AT';\nconst kept = { found };\nexport const look = () => kept.found();`,
  ],
];

/** Packages for options that are not set. */
const DEFAULTS = {
  'node_modules/it-$ID/package.json':
    '{ "name": "it-$ID", "version": "1.0.0", "type": "module", "exports": { ".": "./index.js", "./sub": "./sub.js" } }\n',
  'node_modules/it-$ID/index.js': `export const it = 'package';\n`,
  'node_modules/it-$ID/sub.js': `export const look = () => 'package';\n`,
  'node_modules/react/package.json':
    '{ "name": "react", "version": "1.0.0", "type": "module", "exports": { "./jsx-runtime": "./jsx-runtime.js", "./jsx-dev-runtime": "./jsx-dev-runtime.js" } }\n',
  'node_modules/react/jsx-runtime.js': `export const jsx = (tag) => 'react jsx ' + String(tag);\nexport const jsxs = jsx;\nexport const Fragment = 'react fragment';\n`,
  'node_modules/react/jsx-dev-runtime.js': `export const jsxDEV = (tag) => 'react jsxDEV ' + String(tag);\nexport const Fragment = 'react fragment';\n`,
};

/** Rows by their parts: what shows which option, and how it is reached. */
export function compilerRow(show: Show, [way, module]: (typeof REACHES)[number], at: number): Row {
  const placed = module
    .replaceAll('$AT', `../ts/$ID/${show.at}`)
    .replaceAll('$DIRECTORY', '../ts/$ID')
    .replaceAll('$NAME', show.at);
  const files = Object.entries(show.files).map(([path, text]) => [`ts/$ID/${path}`, text]);
  return {
    ...{
      input: 'compiler',
      way: `${show.option} (${at}), ${way}`,
      reads: [show.option, ...(show.loads || way === AT_LOAD ? ['load'] : [])],
    },
    // A file that is loaded while a task runs counts as a file, and so do the texts of its configs.
    may: way === COMPUTED ? ['options', 'text'] : ['options'],
    ...{ module: placed, files: { ...DEFAULTS, ...Object.fromEntries(files) } },
  };
}

export const COMPILER_ROWS: readonly (readonly Row[])[] = SHOWS.map((show, at) =>
  REACHES.map((reach) => compilerRow(show, reach, at)),
);

/** Text of a `tsconfig.json`. */
export function configText(compilerOptions: Options, extending?: unknown): string {
  return `${JSON.stringify({ ...(extending !== undefined && { extends: extending }), compilerOptions })}\n`;
}

/** Files from which the options of a row's folder may come. */
export const CONFIG_FILES = {
  own: (id: string) => `ts/${id}/tsconfig.json`,
  other: (id: string) => `ts/${id}/jsconfig.json`,
  above: () => 'ts/tsconfig.json',
  project: () => 'tsconfig.json',
  base: (id: string) => `bases/${id}.json`,
  installed: () => 'node_modules/tsbase/tsconfig.json',
} as const;
export type ConfigFile = keyof typeof CONFIG_FILES;

/** What is there from the beginning, for configs that name it. */
export function configsOf(id: string): Readonly<Record<string, string>> {
  return {
    [CONFIG_FILES.base(id)]: configText({}),
    [CONFIG_FILES.installed()]: configText({}),
    'node_modules/tsbase/package.json': '{ "name": "tsbase", "version": "1.0.0" }\n',
  };
}

/** What a config may extend. */
export const EXTENDING = (id: string): readonly unknown[] => [
  undefined,
  `../../bases/${id}.json`,
  [`../../bases/${id}.json`],
  ['tsbase/tsconfig.json', `../../bases/${id}`],
  'tsbase/tsconfig.json',
];

/** World in which configs of rows extend others, and set nothing. */
export function startOf(id: string): Readonly<Record<string, string>> {
  return { ...configsOf(id), [CONFIG_FILES.own(id)]: configText({}, EXTENDING(id)[3]) };
}

type Place = Readonly<Partial<Record<ConfigFile, Options | undefined>>>;

/** The same options for every row; `undefined` removes a config. */
function compile(name: string, touches: readonly string[], place: Place, ids: readonly string[]): Change {
  const apply = (world: World) =>
    ids.reduce(
      (changed, id) =>
        withFiles(
          changed,
          Object.fromEntries(
            Object.entries(place).map(([config, options]) => [
              CONFIG_FILES[config as ConfigFile](id),
              options && configText(filled(options, id)),
            ]),
          ),
        ),
      world,
    );
  return { name, touches, apply };
}

function filled(options: Options, id: string): Options {
  return JSON.parse(JSON.stringify(options).replaceAll('$ID', id)) as Options;
}

const ASSIGN = { useDefineForClassFields: false };
const TO_A = { paths: { 'it-$ID': ['../ts/$ID/a.ts'], 'it-$ID/*': ['../ts/$ID/a/*'] } };

/** What shows in rows of one option may execute the others, but only where it says so. */
export function compilerChanges(ids: readonly string[]): readonly Change[] {
  const change = (name: string, touches: readonly string[], place: Place) => compile(name, touches, place, ids);
  return [
    change('fields that are assigned, by the own config', ['define', 'options'], { own: ASSIGN }),
    change('an older target, by a base', ['define', 'options'], { base: { target: 'ES2021' } }),
    change('fields that are assigned, by an installed base', ['define', 'options'], { installed: ASSIGN }),
    change('fields that are assigned, by the config above', ['define', 'options'], { own: undefined, above: ASSIGN }),
    change('fields that are assigned, by a jsconfig', ['define', 'options'], { own: undefined, other: ASSIGN }),
    change('fields that are assigned, by that of the project', ['define', 'options'], {
      own: undefined,
      project: ASSIGN,
    }),
    change('decorators as before the standard', ['decorators', 'options'], { base: { experimentalDecorators: true } }),
    change('another factory of elements', ['jsx', 'options'], { base: { jsxFactory: 'h', jsxFragmentFactory: 'F' } }),
    change('elements by a runtime', ['jsx', 'options'], { base: { jsx: 'react-jsx', jsxImportSource: './one' } }),
    change('elements by a runtime for development', ['jsx', 'options'], { base: { jsx: 'react-jsxdev' } }),
    change('an alias', ['paths', 'options'], { base: TO_A }),
    change('imports that are kept', ['imports', 'options'], { base: { verbatimModuleSyntax: true } }),
    change('options that change nothing', ['text'], {
      own: { strict: true, lib: ['ES2022'], outDir: 'x', module: 'esnext' },
    }),
  ];
}
