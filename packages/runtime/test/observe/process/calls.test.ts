import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namesOf, Project, type Thread } from './project.ts';

const project = new Project();
const web = createServer((_, response) => response.end('hello'));
const tcp = createTcpServer((socket) => socket.end('hello'));
let thread: Thread;
let count = 0;
const body = (code: string, head = '') =>
  project.write(`call-${count++}.mjs`, `${head}\nexport default async () => { ${code} }\n`);
const callsOf = async (code: string) => namesOf(await thread.call(body(code))).filter((name) => !name.startsWith('@'));

beforeAll(async () => {
  web.listen(0, '127.0.0.1');
  tcp.listen(0, '127.0.0.1');
  await Promise.all([once(web, 'listening'), once(tcp, 'listening')]);
  thread = await project.start(project.options());
});
afterAll(async () => {
  await project.close();
  web.closeAllConnections();
  web.close();
  tcp.close();
});

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const READ = 'new Promise((done, fail) => socket.on("data", (d) => done(String(d))).on("error", fail))';

describe('the network', () => {
  it.each<[name: string, code: string]>([
    ['fetch', "return (await fetch('WEB')).text()"],
    ['fetch', "const f = globalThis['fetch']; return (await f('WEB')).text()"],
    [
      'http.request',
      "const http = await import('node:http'); return new Promise((done) => http.get('WEB', (r) => r.on('data', (d) => done(String(d)))))",
    ],
    [
      'http.request',
      "const http = process.getBuiltinModule('http'); return new Promise((done) => http.request('WEB', (r) => r.on('data', (d) => done(String(d)))).end())",
    ],
    ['net', `const socket = (await import('node:net')).connect(TCP, '127.0.0.1'); return ${READ}`],
    [
      'net',
      `const { Socket } = await import('node:net'); const socket = new Socket().connect(TCP, '127.0.0.1'); return ${READ}`,
    ],
    ['dns', "const { lookup } = await import('node:dns/promises'); return (await lookup('localhost')).family > 0"],
    [
      'dns',
      "const dns = await import('node:dns'); return new Promise((done) => dns.lookup('127.0.0.1', () => dns.resolve4('localhost', () => done(1))))",
    ],
    ['dgram', "const s = (await import('node:dgram')).createSocket('udp4'); s.close(); return 1"],
  ])('is seen as %s: %s', async (name, code) => {
    const text = code.replace('WEB', `http://127.0.0.1:${portOf(web)}`).replace('TCP', String(portOf(tcp)));
    const seen = await thread.call(body(text));
    expect(seen.value).not.toMatch(/^throws/);
    expect(namesOf(seen)).toEqual([name]);
  });

  it.runIf('WebSocket' in globalThis)('is seen behind a WebSocket', async () => {
    const opening = body(
      `return new Promise((done) => { new WebSocket('ws://127.0.0.1:${portOf(web)}').onerror = () => done(1); })`,
    );
    expect(namesOf(await thread.call(opening))).toEqual(['undici']);
  });

  it('is seen where a task writes to a connection of an earlier one', async () => {
    const url = body(
      "globalThis.kept ??= await new Promise((done) => { const s = net.connect(PORT, '127.0.0.1', () => done(s)); s.on('error', () => {}); s.unref(); }); globalThis.kept.write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); return new Promise((done) => globalThis.kept.once('data', () => done('ok')))".replace(
        'PORT',
        String(portOf(web)),
      ),
      "import net from 'node:net';",
    );
    expect(namesOf(await thread.call(url))).toEqual(['net']);
    expect(namesOf(await thread.call(url))).toEqual(['net']);
  });
});

describe('other processes and threads', () => {
  it.each<[name: string, code: string]>([
    ['child_process.execFileSync', "return String(cp.execFileSync('echo', ['a']))"],
    ['child_process.execSync', "return String(cp.execSync('echo a'))"],
    ['child_process.spawnSync', "return String(cp.spawnSync('echo', ['a']).stdout)"],
    ['child_process.exec', "return new Promise((done) => cp.exec('echo a', (_, out) => done(out)))"],
    [
      'child_process.execFile',
      "const { promisify } = await import('node:util'); return (await promisify(cp.execFile)('echo', ['a'])).stdout",
    ],
    ['child_process.spawn', "return new Promise((done) => cp.spawn('echo').on('close', done))"],
    [
      'child_process.spawn',
      "const { spawn } = cp; return new Promise((done) => Reflect.apply(spawn, cp, ['echo']).on('close', done))",
    ],
    [
      'Worker',
      "const { Worker } = await import('node:worker_threads'); return new Promise((done) => new Worker('', { eval: true }).on('exit', done))",
    ],
    [
      'Worker',
      "const { Worker } = await import('node:worker_threads'); return new Promise((done) => new (class extends Worker {})('', { eval: true }).on('exit', done))",
    ],
  ])('are seen as %s: %s', async (name, code) => {
    expect(await callsOf(`const cp = await import('node:child_process'); ${code}`)).toEqual([name]);
  });
});

it('counts files of the project that a command names as read', async () => {
  project.write('data/in.csv', '1');
  project.write('tool.sh', 'cat "$1"');
  const run = (code: string) =>
    thread.call(body(`process.getBuiltinModule('child_process').${code}`)).then((seen) =>
      namesOf(seen)
        .filter((name) => name.startsWith('@file '))
        .map((name) => name.slice('@file '.length + project.root.length + 1)),
    );
  const at = `{ cwd: ${JSON.stringify(project.root)} }`;
  expect(await run(`execFileSync('sh', ['tool.sh', 'data/in.csv', 'not-there'], ${at})`)).toEqual([
    'data/in.csv',
    'tool.sh',
  ]);
  expect(await run(`execSync('cat <data/in.csv | wc -l', ${at})`)).toEqual(['data/in.csv']);
  expect(await run(`spawnSync('cat', ['--input=data/in.csv'], ${at})`)).toEqual(['data/in.csv']);
});

describe('a call', () => {
  it('is named once, with the place in the source', async () => {
    const url = body('for (let i = 0; i < 3; i++) Date.now();\n\n return Date.now()', '// a line\n');
    expect((await thread.call(url)).ambient?.calls).toEqual([
      { call: 'Date.now', file: expect.stringMatching(/^call-\d+\.mjs$/), line: 3 },
    ]);
  });

  it('of a package names it, and the place that led there, until the own code makes it, too', async () => {
    project.install('@some/clock', 'exports.now = () => Date.now();');
    const head = "import clock from '@some/clock';";
    const led = await thread.call(body('return clock.now()', head));
    expect(led.ambient?.calls).toMatchObject([{ call: 'Date.now', package: '@some/clock', line: 2 }]);
    const both = await thread.call(body('return [clock.now(), Date.now()]', head));
    expect(both.ambient?.calls).toEqual([{ call: 'Date.now', file: expect.any(String), line: 2 }]);
  });

  it('counts for facts of the machine only when the own code makes it', async () => {
    project.install(
      'asks',
      "exports.ask = () => [process.cwd(), process.pid, require('os').hostname(), require('path').resolve('a')];",
    );
    expect(namesOf(await thread.call(body('return asks.ask().length', "import asks from 'asks';")))).toEqual([]);
  });

  it('of varve itself counts for nothing', async () => {
    project.install(
      '@varve/core',
      'exports.now = () => [Date.now(), performance.now(), process.cwd(), process.env.HOME].length;',
    );
    expect(namesOf(await thread.call(body('return own.now()', "import own from '@varve/core';")))).toEqual([]);
  });
});

it('runs beside tools that stand in for the clock', async () => {
  const code = `
    const Native = Date; const { now } = performance;
    class Fake extends Native { constructor(...args) { if (args.length === 0) super(1000); else super(...args); } static now() { return 1000; } }
    globalThis.Date = Fake; performance.now = () => 7;
    try { return [new Date().getTime(), Date.now(), performance.now(), new Date(5) instanceof Native, new Native(5) instanceof Fake] }
    finally { globalThis.Date = Native; performance.now = now; }`;
  const seen = await thread.call(body(code));
  expect(seen.value).toBe('[ 1000, 1000, 7, true, false ]');
  expect(namesOf(seen)).toEqual([]);
});

it('keeps no thread alive', async () => {
  const url = body(
    "process.exitCode = 3; const { parentPort } = await import('node:worker_threads'); setImmediate(() => parentPort.unref()); return 1",
  );
  const own = await project.start(project.options());
  const ended = once(own.from, 'exit');
  await own.call(url);
  expect(await ended).toEqual([3]);
});

/** Asked of built-ins, here and in a thread without observers. */
const LOOKS = [
  '[Date.name, Date.length, Date.toString(), Object.getOwnPropertyNames(Date).sort()]',
  'Object.getOwnPropertyDescriptors(Date.prototype)',
  "Object.getOwnPropertyDescriptor(Date, 'prototype')",
  'Object.getOwnPropertyDescriptors(Math)',
  '[Math.random, Date.now, Intl.NumberFormat, Date.prototype.getHours, fetch, process.cwd, performance.now].map(String)',
  '[Math.random, Date.now, Date.prototype.getHours, fetch, process.cwd].map((f) => [f.name, f.length, "prototype" in f])',
  '[Date.prototype.constructor === Date, new Date(5) instanceof Date, structuredClone(new Date(5)) instanceof Date]',
  '[Intl.NumberFormat.prototype.constructor === Intl.NumberFormat, new Intl.NumberFormat("de") instanceof Intl.NumberFormat]',
  '[Object.prototype.toString.call(new Date(5)), Object.prototype.toString.call(Intl.NumberFormat("de"))]',
  '(() => { try { new Math.random() } catch (error) { return error.message } })()',
  '(() => { try { Date.prototype.getHours.call({}) } catch (error) { return error.message } })()',
  '(() => { try { new Date(Symbol()) } catch (error) { return error.message } })()',
  '(() => { try { (5).toLocaleString("not a locale") } catch (error) { return [error.name, error.message] } })()',
  '(() => { try { new Date(NaN).toISOString() } catch (error) { return error.message } })()',
  'typeof Date() + typeof Date(5)',
  '[Object.keys(process.hrtime), process.hrtime.bigint.name, typeof process.hrtime.bigint()]',
  '(await import("node:util")).inspect([Date, Intl, Math], { showHidden: true })',
  '[Function.prototype.toString.name, Function.prototype.toString.length, String(Function.prototype.toString)]',
  '(() => { try { Function.prototype.toString.call({}) } catch (error) { return error.message } })()',
  'Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(performance))).map(([k, d]) => [k, Object.keys(d), d.enumerable]).join()',
  'Object.keys(await import("node:crypto"))',
  'Object.getOwnPropertyNames(globalThis).filter((name) => name !== "kept").sort().join()',
  '[new Date(2024, 1, 2, 3, 4, 5, 6).getTime(), new Date(undefined).getTime(), new Date(true).getTime(), new Date([2024]).getTime()]',
  'class X extends Date { y = 1 }; const x = new X(7); [x.y, x.getTime(), x instanceof X, Object.getPrototypeOf(X) === Date]',
];

describe('built-ins look and behave as before', () => {
  let plain: Thread;
  beforeAll(async () => {
    plain = await project.start(undefined);
  });

  it.each(LOOKS)('%s', async (code) => {
    const parts = code.split('; ');
    const url = body(`${parts.slice(0, -1).join(';\n')};\n return ${parts.at(-1)}`);
    expect((await thread.call(url)).value).toBe((await plain.call(url)).value);
  });
});

describe('in the main thread of a process', () => {
  it('an own time zone counts for nothing, and is gone with the task', async () => {
    const own = await project.startProcess(project.options(), { TZ: 'UTC' });
    const seen = await own.call(body("process.env.TZ = 'Asia/Tokyo'; return new Date(0).getHours()"));
    expect(seen.value).toBe('9');
    expect(namesOf(seen)).toEqual([]);
    const after = await own.call(body('return new Date(0).getHours()'));
    expect(after.value).toBe('0');
    expect(after.ambient?.tokens).toEqual({ '@tz': 'UTC' });
  });

  it('an own working directory counts for nothing, and is gone with the task', async () => {
    const own = await project.startProcess(project.options());
    const moved = await own.call(body("process.chdir('/'); return process.cwd()"));
    expect(moved.value).toBe("'/'");
    expect(namesOf(moved)).toEqual([]);
    expect((await own.call(body('return process.cwd()'))).value).toBe(`'${project.root}'`);
  });
});
