import { describe, expect, it } from 'vitest';
import { session } from '../harness/session.ts';

/** State that the second of two steps finds as the first has left it, if both run in one thread. */
const CHANNELS: readonly (readonly [what: string, leave: string, look: string])[] = [
  ['a variable of the environment', `process.env.LEFT = 'left';`, `process.env.LEFT ?? 'none'`],
  ['the working directory', `process.chdir('sub');`, `process.cwd().split('/').at(-1) === 'sub'`],
  ['the time zone', `process.env.TZ = 'Asia/Tokyo';`, `new Date(0).getHours()`],
  ['the umask', `process.umask(0o77);`, `process.umask()`],
  ['a method of a prototype', `(Array.prototype as any).left = () => 1;`, `typeof ([] as any).left`],
  ['a replaced built-in', `Math.hypot = () => 7;`, `Math.hypot(3, 4)`],
  ['a global', `(globalThis as any).left = 1;`, `(globalThis as any).left`],
  ['a replaced Date', `globalThis.Date = class extends Date { left = 1; } as any;`, `(new Date() as any).left`],
  ['a function of a module of Node', `(os as any).hostname = () => 'left';`, `os.hostname() === 'left'`],
  ['prepareStackTrace', `Error.prepareStackTrace = () => 'left';`, `String(new Error('x').stack) === 'left'`],
  ['stackTraceLimit', `Error.stackTraceLimit = 1;`, `Error.stackTraceLimit`],
  ['a console method', `console.debug = (() => 'left') as any;`, `String(console.debug).includes('left')`],
  ['a listener of the process', `process.on('left' as any, () => 1);`, `process.listenerCount('left' as any)`],
  ['the title of the process', `process.title = 'left';`, `process.title === 'left'`],
  ['the exit code', `process.exitCode = 0;`, `String(process.exitCode)`],
  ['how values are printed', `util.inspect.defaultOptions.depth = 0;`, `util.inspect({ a: { b: { c: 1 } } })`],
  ['the number of listeners', `events.defaultMaxListeners = 99;`, `events.defaultMaxListeners`],
  ['marks', `performance.mark('left');`, `performance.getEntriesByName('left').length`],
  ['DNS servers', `dns.setServers(['9.9.9.9']);`, `dns.getServers().includes('9.9.9.9')`],
  ['the order of addresses', `dns.setDefaultResultOrder('ipv6first');`, `dns.getDefaultResultOrder()`],
  ['the agent of http', `http.globalAgent.maxSockets = 3;`, `http.globalAgent.maxSockets`],
  ['another agent of http', `http.globalAgent = new http.Agent({ maxSockets: 3 });`, `http.globalAgent.maxSockets`],
  ['the default of streams', `stream.setDefaultHighWaterMark(false, 7);`, `stream.getDefaultHighWaterMark(false)`],
  ['families of addresses', `net.setDefaultAutoSelectFamily(false);`, `net.getDefaultAutoSelectFamily()`],
  ['a function of a further module of Node', `(qs as any).escape = () => 'left';`, `qs.stringify({ a: 'b c' })`],
  ['arguments of the process', `process.argv.push('left');`, `process.argv.includes('left')`],
  ['a list of a module', `http.METHODS.push('LEFT');`, `http.METHODS.includes('LEFT')`],
  ['a table of a module', `http.STATUS_CODES[299] = 'left';`, `http.STATUS_CODES[299]`],
  ['colours', `(util.inspect as any).styles.number = 'red';`, `util.inspect(1, { colors: true })`],
  ['constants', `(os.constants as any).left = 1;`, `(os.constants as any).left`],
  ['settings of an agent', `(http.globalAgent.options as any).left = 1;`, `(http.globalAgent.options as any).left`],
  ['DNS servers of promises', `dns.promises.setServers(['9.9.9.9']);`, `dns.promises.getServers().includes('9.9.9.9')`],
  [
    'the time for a family of addresses',
    `net.setDefaultAutoSelectFamilyAttemptTimeout(777);`,
    `net.getDefaultAutoSelectFamilyAttemptTimeout()`,
  ],
  ['measures', `performance.measure('left');`, `performance.getEntriesByName('left').length`],
  ['a kind of file', `need.extensions['.left'] = () => {};`, `need.extensions['.left'] !== undefined`],
  ['a property of a method', `([].map as any).left = 1;`, `([].map as any).left`],
  ['a property of the process', `(process as any)._left = 1;`, `(process as any)._left`],
  ['a symbol of the process', `(process as any)[Symbol.for('left')] = 1;`, `(process as any)[Symbol.for('left')]`],
  ['a property of an output', `(process.stdout as any).left = 1;`, `(process.stdout as any).left`],
  ['a frozen built-in', `Object.freeze(Math);`, `Object.isFrozen(Math)`],
  [
    'a method that can be enumerated',
    `Object.defineProperty(Array.prototype, 'map', { enumerable: true });`,
    `(() => { const all: string[] = []; for (const one in []) all.push(one); return all.join(); })()`,
  ],
  ['cryptography', `(crypto.subtle as any).left = 1;`, `(crypto.subtle as any).left`],
  [
    'a built-in that is replaced later',
    `setTimeout(() => { Math.hypot = () => 7; }, 60);`,
    `(await new Promise((go) => setTimeout(go, 300)), Math.hypot(3, 4))`,
  ],
  [
    'a variable of a module that is changed later',
    `setTimeout(() => { const [one] = [kept]; one.push(1); }, 60);`,
    `(await new Promise((go) => setTimeout(go, 300)), kept.length)`,
  ],
  ['the store of an AsyncLocalStorage', `store.enterWith('left');`, `store.getStore()`],
  [
    'exports in the cache of require',
    `need.cache[need.resolve('./lib.cjs')].exports = { n: 7 };`,
    `need('./lib.cjs').n`,
  ],
];

const TOP = `import os from 'node:os'; import util from 'node:util'; import events from 'node:events'; import dns from 'node:dns';
import http from 'node:http'; import stream from 'node:stream'; import net from 'node:net'; import qs from 'node:querystring'; import { createRequire } from 'node:module'; import { AsyncLocalStorage } from 'node:async_hooks';
const store = new AsyncLocalStorage();
const kept: number[] = [];
const need = createRequire(import.meta.url) as any;
need('./lib.cjs');
void [os, util, events, dns, http, stream, net, need, qs, kept];`;

describe.each(['threads', 'process', 'inline'])('what a step leaves behind with the runner %s', (runner) => {
  it.each(CHANNELS)('does not reach the next one, or its result is not kept: %s', async (_, leave, look) => {
    const { run } = session(
      `off = param.boolean(false); a!: number; r!: unknown;
      @step() first() { if (!this.off) { try { ${leave} } catch { /* not in a thread */ } } this.a = 1; }
      @step({ after: 'first' }) async second() { this.r = String(${look}); }`,
      { 'sub/x': '', 'lib.cjs': 'exports.n = 1;\n' },
      TOP,
    );
    const args = ['--runner', runner, '--workers', '1'];
    const alone = await run([...args, '--off', '--cache', 'off']);
    const after = await run(args);
    const isIsolated = after.result.second === alone.result.second;
    const isKept = (await run(args)).status.second === 'cached';
    expect(isIsolated || !isKept).toBe(true);
    if (!isIsolated)
      expect(after.run.warnings.join('; ')).toMatch(
        /the result of second .* (first left a change|had changed .*kept|another task has left a change)|is executed in every run/,
      );
  });

  it.each([
    ['an iterator that ends at once', `Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });`],
    ['a method of lists that does nothing', `Array.prototype.push = () => 0;`],
    ['one of maps, after a while', `await null; Map.prototype.get = () => undefined;`],
  ])('fails the step where nothing works with it: %s', async (_, leave) => {
    const { run } = session(
      `a = 0; b = 0;\n  @step() async first() { ${leave} this.a = 1; }\n  @step() second() { this.b = 1; }`,
    );
    const { run: ended, status } = await run(['--runner', runner, '--workers', '1']);
    expect(ended.tasks.find(({ step }) => step === 'first')?.error).toMatch(
      /^first has put something else in the place/,
    );
    expect(status.second).toBe('succeeded');
  });
});
