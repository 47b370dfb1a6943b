import Module from 'node:module';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf, Project, type Thread } from './project.ts';

/** One way past the functions that people call: by other realms, Node's native side, or Node itself. */
interface Way {
  readonly code: string;
  readonly sees: readonly string[];
  readonly head?: string;
  /** Its result is not used again. */
  readonly refused?: string;
  /** The module is not in every version of Node. */
  readonly isNew?: boolean;
}

const VM = "import vm from 'node:vm';";
const realm = (code: string, ...calls: string[]): Way => ({
  code,
  head: VM,
  sees: ['@tz', '@locale', ...calls.map((call) => `vm.${call}`)],
});
const call = (code: string, name: string, head = ''): Way => ({ code, head, sees: [name] });
const refused = (code: string, what: string, head = ''): Way => ({ code, head, sees: [], refused: what });
const nothing = (code: string, head = ''): Way => ({ code, head, sees: [] });
const crypto = "import crypto from 'node:crypto';";
const rsa = "const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });";

const WAYS: readonly Way[] = [
  realm("vm.runInNewContext('new Date(0).getHours()')", 'runInNewContext'),
  realm("vm.runInNewContext('Math.random()') > 2", 'runInNewContext'),
  realm("vm.runInContext('Intl.DateTimeFormat().format(0)', vm.createContext({}))", 'createContext', 'runInContext'),
  realm("new vm.Script('Date.now()').runInNewContext() > 0", 'runInNewContext'),
  realm("new vm.Script('Date.now()').runInContext(vm.createContext()) > 0", 'createContext', 'runInContext'),
  {
    ...realm("typeof runInNewContext('Date.now()')", 'runInNewContext'),
    head: "import { runInNewContext } from 'vm';",
  },
  realm(
    "typeof vm.compileFunction('return Date.now()', [], { parsingContext: vm.createContext() })()",
    ...['createContext', 'compileFunction'],
  ),
  nothing(
    "vm.runInThisContext('1 + 1') + new vm.Script('2').runInThisContext() + vm.compileFunction('return 3')()",
    VM,
  ),
  call("vm.runInThisContext('Date.now()') > 0", 'Date.now', VM),
  refused('Object.keys(process.report.getReport()).length', 'process.report'),
  refused('(({ report }) => typeof report.getReport)(process)', 'process.report'),
  refused("typeof process.binding('fs')", 'process.binding'),
  refused("typeof process.binding.call(process, 'os')", 'process.binding'),
  nothing("typeof process.binding('util')"),
  refused('typeof process.stdin', 'process.stdin'),
  refused('(({ stdin }) => typeof stdin)(process)', 'process.stdin'),
  {
    code: "new WASI({ version: 'preview1' }).getImportObject() && 1",
    head: "import { WASI } from 'node:wasi';",
    sees: [],
    refused: 'WASI',
  },
  { code: 'os.tmpdir()', head: "import os from 'node:os';", sees: ['@os tmpdir'] },
  { code: 'tmpdir()', head: "import { tmpdir } from 'node:os';", sees: ['@os tmpdir'] },
  { code: 'process.umask()', sees: ['@os umask'] },
  { code: 'process.getuid()', sees: ['@os getuid'] },
  { code: 'process.version', sees: ['@os node'] },
  { code: '(({ versions }) => versions.v8)(process)', sees: ['@os node'] },
  {
    code: 'Object.keys(os.networkInterfaces()).length',
    head: "import os from 'node:os';",
    sees: ['@os networkInterfaces'],
  },
  { code: 'os.getPriority()', head: "import os from 'node:os';", sees: ['@os getPriority'] },
  {
    code: 'navigator.hardwareConcurrency',
    sees: ['@locale', '@os availableParallelism', '@os node', '@os platform'],
    isNew: true,
  },
  call('process.execArgv.length', 'process.execArgv'),
  call('typeof v8.getHeapStatistics()', 'v8.getHeapStatistics', "import v8 from 'node:v8';"),
  call(
    'typeof executionAsyncId()',
    'async_hooks.executionAsyncId',
    "import { executionAsyncId } from 'node:async_hooks';",
  ),
  call('typeof performance.mark("a").startTime', 'PerformanceEntry.startTime'),
  call('typeof performance.nodeTiming.nodeStart', 'performance.nodeTiming'),
  call("typeof new Event('a').timeStamp", 'Event.timeStamp'),
  call('util.parseArgs({ strict: false }) && 1', 'util.parseArgs', "import util from 'node:util';"),
  nothing("util.parseArgs({ args: ['--a'], strict: false }).values.a", "import util from 'node:util';"),
  call('typeof dns.getServers()', 'dns', "import dns from 'node:dns';"),
  call("crypto.sign('sha256', Buffer.alloc(1), privateKey).length > 1", 'crypto.sign', `${crypto}${rsa}`),
  call("crypto.createSign('sha256').update('a').sign(privateKey).length > 1", 'crypto.Sign.sign', `${crypto}${rsa}`),
  call("crypto.createECDH('secp256k1').generateKeys().length", 'crypto.ECDH.generateKeys', crypto),
  call('inspector.url()', 'inspector.url', "import inspector from 'node:inspector';"),
];

describe('what goes past the functions that people call', () => {
  const project = new Project();
  let observed: Thread;
  let plain: Thread;
  let sqls = 0;

  beforeAll(async () => {
    ({ observed, plain } = await project.startBoth({ TZ: process.env.TZ }));
  });
  afterAll(() => project.close());

  const isThere = ({ isNew = false }: Way) => !isNew || Number(process.versions.node.split('.')[0]) > 20;

  it.each(WAYS.filter(isThere).map((way, index) => ({ ...way, index })))('$head $code', async (way) => {
    const { code, head = '', sees, index, refused: reason = '' } = way;
    const url = project.write(`native-${index}.mjs`, `${head}\nexport default () => (${code});\n`);
    const seen = await observed.call(url);
    expect(namesOf(seen).sort()).toEqual([...sees].sort());
    expect(seen.ambient?.unrecorded ?? '').toContain(reason);
    expect(seen.ambient?.unrecorded === undefined).toBe(reason === '');
    expect(seen.value).toBe((await plain.call(url)).value);
    expect((await observed.outside(url)).ambient).toBeUndefined();
  });

  it('counts for a package only where its result may depend on it', async () => {
    project.install(
      'probe',
      "module.exports = () => [process.report.getReport(), process.version, os.tmpdir()];const os = require('os');",
    );
    project.install('raw', "module.exports = () => process.binding('fs');");
    const quiet = project.write('probe.mjs', "import probe from 'probe'; export default () => probe().length;");
    expect((await observed.call(quiet)).ambient).toBeUndefined();
    const raw = project.write('raw.mjs', "import raw from 'raw'; export default () => typeof raw();");
    expect(namesOf(await observed.call(raw))).toEqual(['process.binding in raw']);
  });

  it.runIf(process.getBuiltinModule('node:sqlite'))('reads a database with what was written to it last', async () => {
    const file = join(project.root, 'a.db');
    const code = (body: string) =>
      `import { DatabaseSync } from 'node:sqlite'; export default () => { const db = new DatabaseSync(${JSON.stringify(file)}); ${body} };`;
    const make = project.write('make.mjs', code("db.exec('create table t (a)'); db.close(); return 1;"));
    const read = project.write('read.mjs', code("return db.prepare('select count(*) as n from t').get().n;"));
    const memory = project.write('memory.mjs', code('').replace(JSON.stringify(file), "':memory:'"));
    expect((await observed.call(make)).ambient?.unrecorded).toBe('it makes a database');
    const seen = await observed.call(read);
    expect(seen.value).toBe('0');
    expect(namesOf(seen)).toEqual([`@file ${file}`, `@file ${file}-wal`]);
    expect(seen.ambient?.unrecorded).toBeUndefined();
    expect((await observed.call(memory)).ambient).toBeUndefined();
  });

  it.runIf(process.getBuiltinModule('node:sqlite')).each([
    ['file:DB?mode=ro', "db.prepare('select count(*) as n from t').get();", ['@file DB', '@file DB-wal'], undefined],
    [':memory:', 'db.exec("/* b */ attach \'DB\' as b");', [], 'it uses a database that only its SQL names'],
    [':memory:', 'db.exec("select 1; Attach \'DB\' as b");', [], 'it uses a database that only its SQL names'],
    [':memory:', 'db.prepare(" Attach \'DB\' as b").run();', [], 'it uses a database that only its SQL names'],
    [':memory:', 'db.exec("select \'; attach it\'");', [], undefined],
    ['file::memory:', "db.exec('select 1');", [], undefined],
  ])('counts what a database %s reads: %s', async (name, body, reads, reason) => {
    const file = relative(process.cwd(), join(project.root, 'other.db'));
    const withFile = (text: string) => text.replaceAll('DB', file);
    const head = "import { DatabaseSync } from 'node:sqlite'; export default () => {";
    const make = project.write(
      'other.mjs',
      `${head} new DatabaseSync('${file}').exec('create table if not exists t (a)') };`,
    );
    await observed.outside(make);
    const code = withFile(`${head} const db = new DatabaseSync('${name}'); ${body} };`);
    const seen = await observed.call(project.write(`sql-${sqls++}.mjs`, code));
    expect(namesOf(seen)).toEqual(reads.map(withFile));
    expect(seen.ambient?.unrecorded).toBe(reason);
  });

  it
    .runIf(process.getBuiltinModule('node:sqlite'))
    .each([
      "const s = db.prepare('select 1 as n'); const run = () => s.get().n;",
      'const s = db.createTagStore?.(); const run = () => (s ? s.get`select 1 as n`.n : db.location() && 1);',
    ])('reads a database that was opened before: %s', async (made) => {
    const file = join(project.root, 'before.db');
    const open = `import { DatabaseSync } from 'node:sqlite'; const db = new DatabaseSync(${JSON.stringify(file)});`;
    const url = project.write(`sql-${sqls++}.mjs`, `${open} ${made} export default run;`);
    await observed.outside(url);
    const seen = await observed.call(url);
    expect(seen.value).toBe('1');
    expect(namesOf(seen)).toEqual([`@file ${file}`, `@file ${file}-wal`]);
  });

  it.runIf('findPackageJSON' in Module)('reads the manifest that Node finds for it', async () => {
    project.install('found', '');
    const code =
      "import { findPackageJSON } from 'node:module'; export default () => findPackageJSON('found', import.meta.url);";
    const seen = await observed.call(project.write('manifest.mjs', code));
    expect(namesOf(seen)).toEqual([`@file ${join(project.root, 'node_modules/found/package.json')}`]);
  });
});
