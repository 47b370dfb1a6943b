import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { freshFolder } from '@varve/test-support';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILT_INS, type Known, SAME } from './fixtures/built-ins.ts';
import type { Export } from './fixtures/replaced-thread.ts';

const GUIDE = fileURLToPath(new URL('../../../../../docs/guide/caching.md', import.meta.url));

/**
 * Everything that Node hands out is looked at, cannot differ, or is left out for a reason that users can read. A new version
 * of Node that brings something new fails here, until somebody has decided which it is.
 */
describe('the built-in modules of Node', () => {
  const modules = new Map<string, readonly Export[]>();

  beforeAll(async () => {
    const outfile = join(freshFolder(), 'node_modules/@varve/runtime/dist/thread.mjs');
    const entry = fileURLToPath(new URL('./fixtures/replaced-thread.ts', import.meta.url));
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    const thread = new Worker(outfile);
    const [seen] = (await once(thread, 'message')) as [[string, readonly Export[]][]];
    for (const [module, exports] of seen) modules.set(module, exports);
    await thread.terminate();
  });

  it('hand out nothing that nobody has decided about', () => {
    expect(modules.size).toBeGreaterThan(50);
    const unknown = [...modules].flatMap(([module, exports]) => {
      const known = new Set(Object.keys(decisions(module)));
      return exports.filter((one) => !known.has(one.name) && !isConstant(one)).map(({ name }) => `${module}.${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it('are replaced where it says so, and nowhere else', () => {
    const wrong = [...modules].flatMap(([module, exports]) => {
      const known = decisions(module);
      return exports.flatMap(({ name, isReplaced }) => {
        const isObserved = known[name] === 'observed';
        // A part of another module is replaced with it.
        const mayBe = known[name]?.startsWith('below') === true;
        if (isObserved === isReplaced || (isReplaced && mayBe)) return [];
        return [`${module}.${name} is ${isReplaced ? '' : 'not '}replaced`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('are left out only for reasons that the guide gives', () => {
    const guide = readFileSync(GUIDE, 'utf8').replace(/\s+/g, ' ').toLowerCase();
    const reasons = new Set(Object.values(BUILT_INS).flatMap(({ excepted = {} }) => Object.keys(excepted)));
    expect([...reasons].filter((reason) => !guide.includes(reason.toLowerCase()))).toEqual([]);
  });

  it('are decided about once', () => {
    const twice = Object.entries(BUILT_INS).flatMap(([module, known]) => {
      const names = entriesOf(known).map(([name]) => name);
      return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${module}.${name}`);
    });
    expect(twice).toEqual([]);
  });
});

/** Constants of the system and of libraries, by their form. */
function isConstant({ name, isPrimitive }: Export): boolean {
  return isPrimitive && /^[A-Z]/.test(name);
}

function decisions(module: string): Readonly<Record<string, string>> {
  return Object.fromEntries(entriesOf(BUILT_INS[SAME[module] ?? module] ?? {}));
}

function entriesOf({ observed = '', pure = '', below = {}, excepted = {} }: Known): [name: string, decision: string][] {
  const each = (names: string, decision: string) =>
    names
      .split(/\s+/)
      .filter(Boolean)
      .map((name): [string, string] => [name, decision]);
  return [
    ...each(observed, 'observed'),
    ...each(pure, 'pure'),
    ...Object.entries(below).flatMap(([how, names]) => each(names, `below: ${how}`)),
    ...Object.entries(excepted).flatMap(([why, names]) => each(names, `excepted: ${why}`)),
  ];
}
