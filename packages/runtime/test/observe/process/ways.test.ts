import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf, Project, type Thread } from './project.ts';

/** Ways to write one thing: the body of a function in an ES module, or a whole CommonJS module. */
interface Way {
  readonly code: string;
  readonly head?: string;
  readonly isCommonJs?: boolean;
  readonly sees: readonly string[];
  /** The result differs from one call to the next. */
  readonly isRandom?: boolean;
}

const env = (code: string, head = ''): Way => ({ code, head, sees: ['@env SHOP'] });
const cjs = (code: string, sees: readonly string[]): Way => ({ code, sees, isCommonJs: true });
const zone = (code: string): Way => ({ code, sees: ['@tz'] });
const place = (code: string, ...more: string[]): Way => ({ code, sees: ['@locale', ...more] });
const call = (code: string, name: string, head = ''): Way => ({ code, head, sees: [name], isRandom: true });
const nothing = (code: string, head = ''): Way => ({ code, head, sees: [] });

const WAYS: readonly Way[] = [
  env('process.env.SHOP'),
  env('globalThis.process.env.SHOP'),
  env('env.SHOP', "import { env } from 'node:process';"),
  env('p.env.SHOP', "import p from 'process';"),
  env('p.env.SHOP', "import * as p from 'node:process';"),
  env('(({ SHOP }) => SHOP)(process.env)'),
  env('(({ env: { SHOP } }) => SHOP)(globalThis.process)'),
  env("Reflect.get(process.env, 'SHOP')"),
  env("'SHOP' in process.env"),
  env("Object.hasOwn(process.env, 'SHOP')"),
  env("process.env.hasOwnProperty('SHOP')"),
  env("Object.getOwnPropertyDescriptor(process.env, 'SHOP')"),
  env("['SHOP'].map((name) => process.env[name])"),
  env('Object.create(process.env).SHOP'),
  env("process.getBuiltinModule('process').env.SHOP"),
  env(
    "r('process').env.SHOP",
    "import { createRequire } from 'node:module'; const r = createRequire(import.meta.url);",
  ),
  env('read()', 'const e = process.env; const read = () => e.SHOP;'),
  env("process.env.SHOP + process.env['SHOP']"),
  cjs("module.exports = () => require('process').env.SHOP", ['@env SHOP']),
  cjs("const { env } = require('node:process'); module.exports = () => env.SHOP", ['@env SHOP']),
  { code: 'process.env.NOT_THERE_AT_ALL', sees: ['@env NOT_THERE_AT_ALL'] },
  { code: 'Object.keys(process.env).length > 2', sees: ['@env *'] },
  { code: '{ for (const name in process.env) return typeof name; }', sees: ['@env *'] },
  nothing(
    'process.env.hasOwnProperty.name + typeof process.env.toString + Object.prototype.toString.call(process.env)',
  ),
  nothing('process.env[Symbol.iterator]'),
  zone('new Date(0).getHours()'),
  zone('new Date(2024, 5, 1).toISOString()'),
  zone("new Date('2024-06-01T12:00').getTime()"),
  zone("new Date('June 1, 2024').getTime()"),
  zone("Date.parse('2024-06-01 12:00')"),
  place('String(new Date(0))', '@tz'),
  place('`${new Date(0)}`', '@tz'),
  place("new Date(0) + ''", '@tz'),
  zone('new Date(0).toDateString()'),
  zone('new Date(0).getTimezoneOffset()'),
  zone('new Date(0).setHours(3)'),
  zone('(({ getDay }) => getDay.call(new Date(0)))(Date.prototype)'),
  zone('Reflect.apply(Date.prototype.getMinutes, new Date(0), [])'),
  zone('Date.prototype.getDate.bind(new Date(0))()'),
  zone("new Date(0)['getFull' + 'Year']()"),
  zone('new (class extends Date {})(2024, 1).getTime()'),
  zone('Reflect.construct(Date, [2024, 1]).getTime()'),
  zone("new Intl.DateTimeFormat('en').resolvedOptions().timeZone"),
  zone("new Date(0).toLocaleDateString('en')"),
  zone('structuredClone(new Date(0)).getHours()'),
  cjs('const { getHours } = Date.prototype; module.exports = () => getHours.call(new Date(5))', ['@tz']),
  nothing('new Date(0).toISOString() + new Date(0).getUTCHours() + JSON.stringify(new Date(5)) + +new Date(9)'),
  nothing("new Date('2024-06-01').getTime() + Date.parse('2024-06-01T00:00:00Z') + Date.UTC(2024, 1)"),
  nothing("new Date('Sun, 06 Nov 1994 08:49:37 GMT').getTime()"),
  nothing('new Date(new Date(5)).getTime() + new Date(null).getTime()'),
  nothing("new Date(0).toLocaleString('en', { timeZone: 'UTC' })"),
  nothing('[new Date(0), util.inspect(new Date(0)), util.types.isDate(new Date(0))]', "import util from 'node:util';"),
  place('(1234.5).toLocaleString()'),
  place('1234n.toLocaleString()'),
  place('[1234.5].toLocaleString()'),
  place('new Float64Array([1234.5]).toLocaleString()'),
  place("['b', 'a'].sort((a, b) => a.localeCompare(b))"),
  place("'i'.toLocaleUpperCase()"),
  place("'I'.toLocaleLowerCase()"),
  place("'i'.toLocaleUpperCase([])"),
  place("'I'.toLocaleLowerCase({})"),
  place('new Intl.NumberFormat().format(1234.5)'),
  place('Intl.NumberFormat().format(1234.5)'),
  place("new Intl.NumberFormat('xx').format(1234.5)"),
  place('new Intl.NumberFormat([]).format(1234.5)'),
  place("new Intl.Collator().compare('a', 'b')"),
  place('new Intl.PluralRules().select(1)'),
  place("new Intl.DisplayNames(undefined, { type: 'region' }).of('DE')"),
  place("new Date(0).toLocaleDateString(undefined, { timeZone: 'UTC' })"),
  place('new Date(0).toLocaleTimeString()', '@tz'),
  place('new (class extends Intl.NumberFormat {})().format(5)'),
  place('(({ format }) => format(5))(new Intl.NumberFormat())'),
  nothing("(1234.5).toLocaleString('de') + 'a'.localeCompare('b', 'de') + 'i'.toLocaleUpperCase('tr')"),
  nothing("'i'.toLocaleUpperCase(['xx', 'tr'])"),
  nothing(
    "new Intl.NumberFormat('de-CH').format(1234.5) + new Intl.DateTimeFormat('de', { timeZone: 'UTC' }).format(0)",
  ),
  call('Date.now()', 'Date.now'),
  call('(({ now }) => now())(Date)', 'Date.now'),
  call("new globalThis['Date']().getTime()", 'new Date()'),
  call('+new D()', 'new Date()', 'const D = Date;'),
  call('new (class extends Date {})().getTime()', 'new Date()'),
  call('performance.now()', 'performance.now'),
  call('performance.now()', 'performance.now', "import { performance } from 'node:perf_hooks';"),
  call('performance.timeOrigin', 'performance.timeOrigin'),
  call('process.hrtime()', 'process.hrtime'),
  call('process.hrtime.bigint()', 'process.hrtime'),
  call('hrtime.bigint()', 'process.hrtime', "import { hrtime } from 'node:process';"),
  call('process.uptime()', 'process.uptime'),
  call('Math.random()', 'Math.random'),
  call('random()', 'Math.random', 'const { random } = Math;'),
  call('[1, 2].map(Math.random)', 'Math.random'),
  call('globalThis.Math.random()', 'Math.random'),
  call('crypto.randomUUID()', 'crypto.randomUUID'),
  call('crypto.getRandomValues(new Uint8Array(4))', 'crypto.getRandomValues'),
  call('randomUUID()', 'crypto.randomUUID', "import { randomUUID } from 'node:crypto';"),
  call('c.randomBytes(4)', 'crypto.randomBytes', "import * as c from 'node:crypto';"),
  call('c.randomInt(1e9)', 'crypto.randomInt', "import c from 'crypto';"),
  call('c.getRandomValues(new Uint8Array(4))', 'crypto.getRandomValues', "import c from 'crypto';"),
  call('c.webcrypto.getRandomValues(new Uint8Array(4))', 'crypto.getRandomValues', "import c from 'crypto';"),
  call(
    'promisify(c.randomFill)(Buffer.alloc(4))',
    'crypto.randomFill',
    "import c from 'crypto'; import { promisify } from 'node:util';",
  ),
  call('process.memoryUsage().rss', 'process.memoryUsage'),
  call('process.pid', 'process.pid'),
  call('process.argv', 'process.argv'),
  { code: 'typeof process.cwd()', sees: ['@os cwd'] },
  { code: "typeof resolve('a')", head: "import { resolve } from 'node:path';", sees: ['@os cwd'] },
  { code: 'typeof cwd()', head: "import { cwd } from 'node:process';", sees: ['@os cwd'] },
  { code: 'hostname()', head: "import { hostname } from 'node:os';", sees: ['@os hostname'] },
  { code: 'os.userInfo().username', head: "import os from 'os';", sees: ['@os userInfo'] },
  { code: 'os.cpus().length', head: "import * as os from 'node:os';", sees: ['@os cpus'] },
  { code: 'process.platform', sees: ['@os platform'] },
  nothing("resolve('/a', 'b')", "import { resolve } from 'node:path';"),
];

describe('ways to look outside of a task', () => {
  const project = new Project();
  let observed: Thread;
  let plain: Thread;

  beforeAll(async () => {
    ({ observed, plain } = await project.startBoth({ SHOP: 'Berlin', TZ: process.env.TZ }));
  });
  afterAll(() => project.close());

  it.each(WAYS.map((way, index) => ({ ...way, index })))('$head $code', async (way) => {
    const { code, head = '', isCommonJs = false, isRandom = false, sees, index } = way;
    const body = code.startsWith('{ ') ? code : `{ return (${code}); }`;
    const text = isCommonJs ? code : `${head}\nexport default () => ${body}\n`;
    const url = project.write(`way-${index}.${isCommonJs ? 'cjs' : 'mjs'}`, text);
    const seen = await observed.call(url);
    expect(namesOf(seen).sort()).toEqual([...sees].sort());
    if (!isRandom) expect(seen.value).toBe((await plain.call(url)).value);
    else expect(seen.value).not.toMatch(/^throws/);
    expect(seen.ambient?.calls?.[0]?.file ?? `way-${index}.mjs`).toBe(`way-${index}.mjs`);
    expect((await observed.outside(url)).ambient).toBeUndefined();
  });
});
