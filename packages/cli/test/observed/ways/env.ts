import type { Row } from '../harness/row.ts';
import { type Change, withEnv } from '../harness/world.ts';
import { ACCESSES, type Target } from './access.ts';

const ENV: Target = { from: 'process', name: 'env', use: (env) => `${env}.$VAR` };
const VALUE = ['variable'];

/** A row whose module's statements are given. */
export function says(input: string, way: string, reads: readonly string[], module: string, more?: Partial<Row>): Row {
  return { ...more, input, way, reads, module };
}

const returns = (expression: string, head = '') =>
  `${head}\nexport async function look(given?: any): Promise<unknown> { return String(${expression}); }`;

const env = (way: string, expression: string, head?: string, more?: Partial<Row>) =>
  says('env', way, VALUE, returns(expression, head), more);

export const ENV_ACCESSES: readonly Row[] = ACCESSES.filter(({ calls }) => !calls).map((access) => ({
  input: 'env',
  way: `${access.way} of env`,
  reads: VALUE,
  ...access.write(ENV),
}));

/** Ways that look at the set of all variables: one that nobody reads by name may count. */
const ENUMERATES = /^(the rest|a copy by|Object\.assign|Object\.entries|JSON|for in|util\.inspect|how many)/;

const EXPRESSIONS: readonly Row[] = [
  env('process.env.NAME', 'process.env.$VAR'),
  env('process.env[NAME]', `process.env['$VAR']`),
  env('a computed name', `process.env[['V', '$ID'].join('_')]`),
  env('a name from a constant', 'process.env[NAME]', `const NAME = '$VAR';`),
  env('a name from another module', 'process.env[NAME]', `import { NAME } from '../lib/$ID.ts';`, {
    files: { 'lib/$ID.ts': `export const NAME = '$VAR';\n` },
  }),
  env('a name handed down', 'process.env[given]', '', { given: `'$VAR'` }),
  env('a name from an artifact', 'process.env[given]', '', {
    given: 'this.name_$ID',
    members: `  name_$ID = '$VAR';\n  r_$ID!: unknown;\n  @step() async $ID() { this.r_$ID = await look_$ID($GIVEN); }`,
  }),
  env('globalThis.process.env', 'globalThis.process.env.$VAR'),
  env('globalThis[computed].env', `(globalThis as any)[['pro', 'cess'].join('')].env.$VAR`),
  env('global.process.env', '(global as any).process.env.$VAR'),
  env('process destructured from globalThis', 'own.env.$VAR', 'const { process: own } = globalThis;'),
  env('env destructured from process', 'env.$VAR', 'const { env } = process;'),
  env('nested destructuring', 'env.$VAR', 'const { process: { env } } = globalThis;'),
  env('the variable destructured in the function', '(({ $VAR }) => $VAR)(process.env)'),
  env('the rest of a destructuring', '(({ NONE_OF_IT, ...rest }) => rest.$VAR)(process.env)'),
  env('a copy by spreading', '({ ...process.env }).$VAR'),
  env('Object.assign', `Object.assign({}, process.env).$VAR`),
  env('Object.entries', `Object.entries(process.env).find(([name]) => name === '$VAR')?.[1]`),
  env('JSON.stringify', `JSON.parse(JSON.stringify(process.env)).$VAR`),
  env('for in', `(() => { for (const name in process.env) if (name === '$VAR') return process.env[name]; })()`),
  env('in', `'$VAR' in process.env ? process.env.$VAR : 'not there'`),
  env('Object.hasOwn', `Object.hasOwn(process.env, '$VAR') ? process.env.$VAR : 'not there'`),
  env('a property descriptor', `Object.getOwnPropertyDescriptor(process.env, '$VAR')?.value`),
  env('Reflect.get', `Reflect.get(process.env, '$VAR')`),
  env('optional chaining', `process?.env?.$VAR?.trim()`),
  env('with a default', `process.env.$VAR ?? 'none'`),
  env('a getter of a class', 'new Settings().it', 'class Settings { get it() { return process.env.$VAR; } }'),
  env('an object with getters', 'settings.it', 'const settings = { get it() { return process.env.$VAR; } };'),
  env('a Proxy over it', 'thin.$VAR', 'const thin = new Proxy(process.env, {});'),
  env('a function that reads any', `get('$VAR')`, 'const get = (name: string) => process.env[name];'),
  env('a function of another module that reads any', `get('$VAR')`, `import { get } from '../lib/$ID.ts';`, {
    files: { 'lib/$ID.ts': 'export const get = (name: string, from = process.env) => from[name];\n' },
  }),
  env('replaced in a text', `'\${$VAR}'.replace(/\\$\\{(\\w+)\\}/g, (_, name) => process.env[name] ?? '')`),
  env(
    'util.inspect',
    `/$VAR: '(.*?)'/.exec(inspect(process.env, { maxArrayLength: null, breakLength: 1 }))?.[1]`,
    `import { inspect } from 'node:util';`,
  ),
  env('in a schema of another package', `parse(process.env).$VAR`, `import { parse } from 'schema-$ID';`, {
    files: {
      'node_modules/schema-$ID/package.json':
        '{ "name": "schema-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
      'node_modules/schema-$ID/index.js': `export const parse = (all) => Object.fromEntries(['$VAR'].map((name) => [name, all[name]]));\n`,
    },
  }),
  says('env', 'only whether it is set', ['set'], returns(`'$VAR' in process.env`), { may: ['variable'] }),
  says(
    'env',
    'how many with a prefix',
    ['set'],
    returns(`Object.keys(process.env).filter((name) => name === '$VAR').length`),
  ),
  says('no env', 'an object that looks like it', [], returns(`({ env: { $VAR: 'own' } }).env.$VAR`)),
];

export const ENV_EXPRESSIONS: readonly Row[] = EXPRESSIONS.map((row) =>
  ENUMERATES.test(row.way) ? { ...row, may: ['enumeration', 'tz', 'locale'] } : row,
);

/** The same change of the variable of every row. Parts: `variable` its value, `set` whether it is there. */
export function envChanges(names: readonly string[]): readonly Change[] {
  const all = (value: string | undefined) => Object.fromEntries(names.map((name) => [name, value]));
  return [
    { name: 'a variable set to another value', touches: ['variable'], apply: (world) => withEnv(world, all('two')) },
    { name: 'a variable removed', touches: ['variable', 'set'], apply: (world) => withEnv(world, all(undefined)) },
  ];
}
