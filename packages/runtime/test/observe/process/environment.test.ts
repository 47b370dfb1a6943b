import { parseRead, type Read } from '@varve/core/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookProcess } from '../../../src/observe/process/index.ts';
import { namesOf, Project, type Thread } from './project.ts';

const project = new Project();
afterAll(() => project.close());
let count = 0;
const body = (code: string) => project.write(`env-${count++}.mjs`, `export default async (arg) => { ${code} }\n`);

describe('variables that a task sets', () => {
  let thread: Thread;
  beforeAll(async () => {
    thread = await project.start(project.options(), { SHOP: 'Berlin' });
  });

  it('are no inputs of reads after it, and gone with the task', async () => {
    const setting = await thread.call(
      body("process.env.SHOP = 'Paris'; delete process.env.TZ; return [process.env.SHOP, process.env.TZ]"),
    );
    expect(setting).toMatchObject({ value: "[ 'Paris', undefined ]" });
    expect(namesOf(setting)).toEqual([]);
    expect((await thread.call(body('return process.env.SHOP'))).value).toBe("'Berlin'");
  });

  it('are gone with a task that throws', async () => {
    const failed = await thread.call(body("process.env.SHOP = 'Paris'; process.env.EXTRA = 1; throw new Error('no')"));
    expect(failed.value).toBe('throws Error: no');
    expect((await thread.call(body("return [process.env.SHOP, 'EXTRA' in process.env]"))).value).toBe(
      "[ 'Berlin', false ]",
    );
  });

  it('are seen by this task alone among those that run side by side', async () => {
    const url = body(`
      const before = process.env.SHOP;
      process.env.SHOP = 'town ' + arg;
      if (arg === 1) process.env.ONLY = 'here';
      for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
      return [before, process.env.SHOP, Object.keys(process.env).includes('ONLY')];`);
    const both = await thread.together(url, url);
    expect(both.map(({ value }) => value)).toEqual(["[ 'Berlin', 'town 0', false ]", "[ 'Berlin', 'town 1', true ]"]);
    expect((await thread.outside(body('return [process.env.SHOP, process.env.ONLY]'))).value).toBe(
      "[ 'Berlin', undefined ]",
    );
  });

  it('may be a whole new environment', async () => {
    const replaced = await thread.call(body("process.env = { A: 'b' }; return process.env"));
    expect(replaced).toMatchObject({ value: "{ A: 'b' }" });
    expect((await thread.call(body('return process.env.SHOP'))).value).toBe("'Berlin'");
  });

  it('come from a file: that one was not set before is an input', async () => {
    project.write('.env.test', 'FRESH_PASSWORD=1\nSHOP=Rome\n');
    const file = JSON.stringify(`${project.root}/.env.test`);
    const loaded = await thread.call(
      body(`process.loadEnvFile(${file}); return [process.env.FRESH_PASSWORD, process.env.SHOP]`),
    );
    expect(loaded.value).toBe("[ '1', 'Berlin' ]");
    expect(loaded.ambient?.tokens['@env FRESH_PASSWORD']).toBe('-');
    expect((await thread.call(body('return process.env.FRESH_PASSWORD'))).value).toBe('undefined');
  });
});

describe('variables that the loading of a file sets', () => {
  it('stay, and are no inputs of tasks', async () => {
    const thread = await project.start(project.options(), { SHOP: 'Berlin' });
    const flow = project.write('flow.mjs', "process.env.SHOP ??= 'x'; process.env.MODE = 'fast'; export {};");
    expect(namesOf(await thread.load(flow))).toEqual(['@env SHOP']);
    const task = await thread.call(body('return [process.env.MODE, process.env.SHOP]'));
    expect(task.value).toBe("[ 'fast', 'Berlin' ]");
    expect(namesOf(task)).toEqual(['@env SHOP']);
  });
});

describe('who asks for a variable', () => {
  const read = (name: string) => `exports.read = () => process.env[${JSON.stringify(name)}];`;
  const asked = async (code: string, options = project.options()) => {
    const thread = await project.start(options, {
      FORCE_COLOR: '1',
      HOME: '/home/me',
      SHOP: 'Berlin',
      STRIPE_KEY: 'k',
    });
    return namesOf(await thread.call(body(code)));
  };
  const through = (name: string) => {
    project.install(`reads-${name.toLowerCase()}`, read(name));
    return `return (await import('reads-${name.toLowerCase()}')).default.read()`;
  };

  it('counts what the own code reads, whatever its name', async () => {
    expect(await asked('return [process.env.FORCE_COLOR, process.env.HOME, process.env.STRIPE_KEY]')).toEqual([
      '@env FORCE_COLOR',
      '@env HOME',
      '@env STRIPE_KEY',
    ]);
  });

  it('does not count colours, homes and credentials that a package reads', async () => {
    for (const name of ['FORCE_COLOR', 'HOME', 'STRIPE_KEY']) expect(await asked(through(name)), name).toEqual([]);
    expect(await asked(through('SHOP'))).toEqual(['@env SHOP']);
  });

  it('counts one that a package did not find and then set', async () => {
    project.install(
      'dotty',
      "exports.config = () => { if (!('SMTP_PASSWORD' in process.env)) process.env.SMTP_PASSWORD = 'x'; };",
    );
    const names = await asked("(await import('dotty')).default.config(); return process.env.SMTP_PASSWORD");
    expect(names).toEqual(['@env SMTP_PASSWORD']);
  });

  it('goes by the settings', async () => {
    const included = project.options({ env: { include: ['STRIPE_*'], exclude: ['SHOP'] } });
    expect(await asked(through('STRIPE_KEY'), included)).toEqual(['@env STRIPE_KEY']);
    expect(await asked('return process.env.SHOP', included)).toEqual([]);
  });

  it('does not count what Node reads by itself', async () => {
    const names = await asked("return (await import('node:child_process')).execFileSync('true').length");
    expect(names.filter((name) => name.startsWith('@env'))).toEqual([]);
    expect(await asked("return (await import('node:tty')).WriteStream.prototype.getColorDepth()")).toEqual([]);
  });
});

describe('an enumeration', () => {
  let observed: Thread;
  let plain: Thread;
  const env = { SHOP: 'Berlin', FORCE_COLOR: '1' };
  beforeAll(async () => {
    observed = await project.start(project.options(), env);
    plain = await project.start(undefined, env);
  });

  it.each([
    'return Object.keys(process.env)',
    "return Object.keys(process.env).filter((name) => name.startsWith('SHO'))",
    'const names = []; for (const name in process.env) names.push(name); return names',
  ])('of names is no read of values: %s', async (code) => {
    const url = body(code);
    const seen = await observed.call(url);
    expect(namesOf(seen)).toEqual(['@env *']);
    expect(seen.value).toBe((await plain.call(url)).value);
  });

  it.each([
    'return { ...process.env }',
    'return Object.entries(process.env)',
    'return JSON.parse(JSON.stringify(process.env))',
    'return Object.assign({}, process.env)',
    'return structuredClone(process.env)',
    "return (await import('node:util')).inspect(process.env)",
  ])('of everything reads what counts: %s', async (code) => {
    const url = body(code);
    const seen = await observed.call(url);
    expect(namesOf(seen)).toEqual(expect.arrayContaining(['@env *', '@env SHOP']));
    expect(namesOf(seen)).not.toContain('@env FORCE_COLOR');
    expect(seen.value).toBe((await plain.call(url)).value);
  });

  it('of everything but one counts that one and what follows it as named', async () => {
    const url = body('const { PATH, ...rest } = process.env; return rest');
    const seen = await observed.call(url);
    expect(namesOf(seen)).toEqual(expect.arrayContaining(['@env *', '@env PATH', '@env SHOP']));
    expect(seen.value).toBe((await plain.call(url)).value);
  });
});

describe('the environment behaves as Node made it', () => {
  const WAYS = [
    'process.env.N = 1; return process.env.N',
    'process.env.U = undefined; return process.env.U',
    "try { process.env[Symbol('x')] = 1 } catch (error) { return error.message }",
    "try { process.env.S = Symbol('x') } catch (error) { return error.message }",
    "try { Object.defineProperty(process.env, 'D', { value: 'x' }) } catch (error) { return [error.code, error.message] }",
    "Object.defineProperty(process.env, 'D', { value: 'x', writable: true, enumerable: true, configurable: true }); return process.env.D",
    'try { Object.preventExtensions(process.env) } catch (error) { return error.message }',
    'return [delete process.env.SHOP, delete process.env.NOT, process.env.SHOP]',
    'const child = Object.create(process.env); child.X = 5; return [child.X, process.env.X, child.SHOP, Object.keys(child)]',
    'return [Object.prototype.toString.call(process.env), String(process.env), process.env.constructor.name]',
    "return Object.getOwnPropertyDescriptor(process.env, 'SHOP')",
    "return (await import('node:util')).inspect({ deep: process.env }, { depth: 0 })",
    "const { isDeepStrictEqual } = await import('node:util'); return isDeepStrictEqual({ ...process.env }, process.env)",
    "return process.env['']",
    "const { SHARE_ENV, Worker } = await import('node:worker_threads'); process.env.T = 'task'; const w = new Worker('require(\"worker_threads\").parentPort.postMessage([process.env.T, process.env.SHOP])', { eval: true, env: SHARE_ENV }); return new Promise((done) => w.on('message', done))",
    "const { Worker } = await import('node:worker_threads'); process.env.T = 'task'; const w = new Worker('require(\"worker_threads\").parentPort.postMessage([process.env.T, process.env.SHOP])', { eval: true }); return new Promise((done) => w.on('message', done))",
    "process.env.T = 'task'; return String((await import('node:child_process')).execFileSync(process.execPath, ['-p', 'process.env.T + process.env.SHOP']))",
  ];

  it.each(WAYS)('%s', async (code) => {
    const [observed, plain] = await Promise.all([
      project.start(project.options(), { SHOP: 'Berlin' }),
      project.start(undefined, { SHOP: 'Berlin' }),
    ]);
    const url = body(code);
    expect((await observed.call(url)).value).toBe((await plain.call(url)).value);
  });
});

it('is looked at with the same tokens that a task notes', async () => {
  const thread = await project.start(project.options());
  const seen = await thread.call(
    body(`const os = await import('node:os');
      os.hostname(); os.homedir(); os.userInfo(); os.cpus(); os.totalmem(); os.release(); process.cwd(); process.platform;
      new Date(0).getHours(); (5).toLocaleString(); process.env.PATH; process.env.NOT_THERE; Object.keys(process.env);`),
  );
  const tokens = Object.entries(seen.ambient?.tokens ?? {});
  expect(tokens).toHaveLength(13);
  const looked = tokens.map(([name]) => [name, lookProcess(parseRead(name) as Read, project.options())]);
  expect(looked).toEqual(tokens);
});
