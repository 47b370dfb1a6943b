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
  ['the store of an AsyncLocalStorage', `store.enterWith('left');`, `store.getStore()`],
  [
    'exports in the cache of require',
    `need.cache[need.resolve('./lib.cjs')].exports = { n: 7 };`,
    `need('./lib.cjs').n`,
  ],
];

const TOP = `import os from 'node:os'; import util from 'node:util'; import events from 'node:events'; import dns from 'node:dns';
import http from 'node:http'; import stream from 'node:stream'; import net from 'node:net'; import { createRequire } from 'node:module'; import { AsyncLocalStorage } from 'node:async_hooks';
const store = new AsyncLocalStorage();
const need = createRequire(import.meta.url) as any;
need('./lib.cjs');
void [os, util, events, dns, http, stream, net, need];`;

describe.each(['threads', 'process', 'inline'])('what a step leaves behind with the runner %s', (runner) => {
  it.each(CHANNELS)('does not reach the next one, or its result is not kept: %s', async (_, leave, look) => {
    const { run } = session(
      `off = param.boolean(false); a!: number; r!: unknown;
      @step() first() { if (!this.off) { try { ${leave} } catch { /* not in a thread */ } } this.a = 1; }
      @step({ after: 'first' }) second() { this.r = String(${look}); }`,
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
        /the result of second .* first left a change|is executed in every run/,
      );
  });
});
