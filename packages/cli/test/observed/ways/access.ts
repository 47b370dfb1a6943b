/** One way to get at an export of one of Node's modules. */
export interface Access {
  readonly way: string;
  /** Only for functions. */
  readonly calls?: boolean;
  /** Text of `rows/$ID.ts`, and further files, for a use of the export. */
  write(target: Target): { readonly module: string; readonly files?: Readonly<Record<string, string>> };
}

export interface Target {
  /** `fs`, without `node:`. */
  readonly from: string;
  readonly name: string;
  /** Expression over the export; may await. */
  readonly use: (name: string) => string;
}

const look = (expression: string) => `export async function look() { return String(${expression}); }`;

/** A way that stays inside the row's module: its head, and the expression that gives the export. */
function inside(
  way: string,
  head: (target: Target) => string,
  callee: (target: Target) => string,
  calls = false,
): Access {
  const write = (target: Target) => ({ module: `${head(target)}\n${look(target.use(callee(target)))}` });
  return { way, calls, write };
}

const NAMESPACE = ({ from }: Target) => `import * as all from 'node:${from}';`;
const DEFAULT = ({ from }: Target) => `import all from 'node:${from}';`;
const NONE = () => '';
const BY_REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

const IMPORTS: readonly Access[] = [
  inside(
    'named import',
    ({ from, name }) => `import { ${name} } from 'node:${from}';`,
    ({ name }) => name,
  ),
  inside(
    'named import under another name',
    ({ from, name }) => `import { ${name} as other } from 'node:${from}';`,
    () => 'other',
  ),
  inside('namespace import', NAMESPACE, ({ name }) => `all.${name}`),
  inside('default import', DEFAULT, ({ name }) => `all.${name}`),
  inside(
    'import without node:',
    ({ from, name }) => `import { ${name} } from '${from}';`,
    ({ name }) => name,
  ),
  inside(
    'import of default as a name',
    ({ from }) => `import { default as all } from 'node:${from}';`,
    ({ name }) => `all.${name}`,
  ),
  inside(
    'createRequire',
    () => BY_REQUIRE,
    ({ from, name }) => `require('node:${from}').${name}`,
  ),
  inside('getBuiltinModule', NONE, ({ from, name }) => `process.getBuiltinModule('node:${from}').${name}`),
  inside('await import()', NONE, ({ from, name }) => `(await import('node:${from}')).${name}`),
  inside(
    'await import() of a computed name',
    ({ from }) => `const parts = ['node', '${from}'];`,
    ({ name }) => `(await import(parts.join(':'))).${name}`,
  ),
  inside(
    'destructured from a dynamic import',
    NONE,
    ({ from, name }) => `(await import('node:${from}').then(({ ${name} }) => ({ ${name} }))).${name}`,
  ),
];

const HOLDERS: readonly Access[] = [
  inside(
    'destructured at the top',
    (target) => `${DEFAULT(target)}\nconst { ${target.name} } = all;`,
    ({ name }) => name,
  ),
  inside(
    'destructured with a new name and a default',
    (target) => `${NAMESPACE(target)}\nconst { ${target.name}: mine = undefined } = all as any;`,
    () => 'mine',
  ),
  inside(
    'an alias of the module',
    (target) => `${DEFAULT(target)}\nconst kept = all;`,
    ({ name }) => `kept.${name}`,
  ),
  inside(
    'computed member',
    (target) => `${DEFAULT(target)}\nconst key = ['${target.name.slice(0, 2)}', '${target.name.slice(2)}'].join('');`,
    () => '(all as any)[key]',
  ),
  inside('Reflect.get', DEFAULT, ({ name }) => `Reflect.get(all, '${name}')`),
  inside(
    'a copy of the module by spreading',
    (target) => `${NAMESPACE(target)}\nconst copy = { ...all };`,
    ({ name }) => `copy.${name}`,
  ),
  inside('optional chaining', DEFAULT, ({ name }) => `all?.${name}`),
  inside(
    'a property of an object',
    (target) => `${NAMESPACE(target)}\nconst tools = { io: { ${target.name}: all.${target.name} } };`,
    ({ name }) => `tools.io.${name}`,
  ),
  inside(
    'a static field of a class',
    (target) => `${DEFAULT(target)}\nclass Tools { static it = all.${target.name}; }`,
    () => 'Tools.it',
  ),
  inside(
    'a map',
    (target) => `${DEFAULT(target)}\nconst tools = new Map([['it', all.${target.name}]]);`,
    () => "(tools.get('it') as any)",
  ),
  inside(
    'bind',
    (target) => `${DEFAULT(target)}\nconst bound = all.${target.name}.bind(all);`,
    () => '(bound as any)',
    true,
  ),
  inside('call', DEFAULT, ({ name }) => `((...given: any[]) => (all.${name} as any).call(all, ...given))`, true),
  inside(
    'Reflect.apply',
    DEFAULT,
    ({ name }) => `((...given: any[]) => Reflect.apply(all.${name} as any, all, given))`,
    true,
  ),
];

const plain = (way: string, files: (target: Target) => Readonly<Record<string, string>>, from: string): Access => ({
  way,
  write: (target) => ({
    module: `import { look as found } from '${from}';\n${look('await found()')}`,
    files: files(target),
  }),
});

const ES_HELPER = ({ from, name, use }: Target) =>
  `import { ${name} } from 'node:${from}';\nexport async function look() { return ${use(name)}; }\n`;
const CJS_HELPER = ({ from, name, use }: Target) =>
  `const all = require('node:${from}');\nexports.look = async () => ${use(`all.${name}`)};\n`;

const ELSEWHERE: readonly Access[] = [
  plain('a function of another module', (target) => ({ 'lib/$ID.ts': ES_HELPER(target) }), '../lib/$ID.ts'),
  plain(
    're-exported by another module',
    ({ from, name, use }) => ({
      'lib/$ID-all.ts': `export { ${name} as thing } from 'node:${from}';\n`,
      'lib/$ID.ts': `import { thing } from './$ID-all.ts';\nexport const look = async () => ${use('thing')};\n`,
    }),
    '../lib/$ID.ts',
  ),
  plain('a helper in CommonJS', (target) => ({ 'lib/$ID.cjs': CJS_HELPER(target) }), '../lib/$ID.cjs'),
  {
    way: 'a helper in CommonJS, by createRequire',
    write: (target) => ({
      module: `${BY_REQUIRE}\n${look("await require('../lib/$ID.cjs').look()")}`,
      files: { 'lib/$ID.cjs': CJS_HELPER(target) },
    }),
  },
  plain(
    'a package',
    (target) => ({
      'node_modules/pkg-$ID/package.json':
        '{ "name": "pkg-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
      'node_modules/pkg-$ID/index.js': ES_HELPER(target),
    }),
    'pkg-$ID',
  ),
  plain(
    'a package in CommonJS',
    (target) => ({
      'node_modules/pkg-$ID/package.json': '{ "name": "pkg-$ID", "version": "1.0.0" }\n',
      'node_modules/pkg-$ID/index.js': CJS_HELPER(target),
    }),
    'pkg-$ID',
  ),
];

/** All ways to reach an export of one of Node's modules. */
export const ACCESSES: readonly Access[] = [...IMPORTS, ...HOLDERS, ...ELSEWHERE];

/** Every third way or so, for exports whose reads are seen at the same place. */
export function someAccesses(first: number, each: number): readonly Access[] {
  return ACCESSES.filter((_, at) => at % each === first);
}
