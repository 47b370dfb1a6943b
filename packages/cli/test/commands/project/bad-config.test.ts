import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

const FLOW = "import { Flow, step } from 'varve';\nexport default class Tiny extends Flow { @step() go() {} }\n";

const define = (body: string) =>
  `import { definePlugin, StoreError } from '@varve/core/contract';\nimport { fsStore } from '@varve/store-fs';\n${body}\n`;

describe('a configuration that cannot be used', () => {
  const project = new Project({ 'tiny.ts': FLOW });
  const refused = async (config: string, ...args: string[]): Promise<string> => {
    project.write('varve.config.ts', config);
    const result = expectCode(await project.varve(args.length > 0 ? args : ['run', 'tiny.ts']), 4);
    expectNoStack(result);
    expect(result.stdout).toBe('');
    return result.stderr;
  };

  it('is reported with the file that threw and its error', async () => {
    const said = await refused("\nthrow new RangeError('not today');\n");
    expect(said).toMatch(/varve\.config\.ts threw while it was loaded: RangeError: not today/);
    expect(await refused("throw new Error('x');", 'list')).toContain('Error: x');
  });

  it('is reported with the mistakes of all slots and profiles at once', async () => {
    const said = await refused(
      define(`
const old = definePlugin({ name: 'old-runner', provides: { runner: () => ({}) as never } });
export default {
  datastroe: fsStore({ root: 'x' }),
  serializer: fsStore({ root: 'x' }),
  metadata: { name: 'home made' },
  datastore: fsStore,
  runner: { ...old, contract: { ...old.contract, runner: 99 }, [Symbol.for('varve.Plugin')]: true },
  profiles: { ci: { hasher: 3 } },
};`),
    );
    expect(said).toContain("'datastroe' is not a setting");
    expect(said).toContain("Did you mean 'datastore'?");
    expect(said).toContain('serializer: plugin store-fs does not provide a serializer');
    expect(said).toContain('It provides: datastore');
    expect(said).toContain('metadata is not a plugin');
    expect(said).toContain('datastore is a function, not a plugin');
    expect(said).toContain('Did you forget to call it, as in fsStore()?');
    expect(said).toMatch(/old-runner was built for version 99 of the runner contract, this varve has version 1/);
    expect(said).toContain('profile ci: hasher is not a plugin');
    expect(await refused('export const forgotten = 1;\n')).toContain('export default defineConfig');
  });

  it('is reported with the plugin that failed to start', async () => {
    const throws =
      "definePlugin({ name: 'broken', provides: { datastore: () => { throw new TypeError('no bucket given'); } } })";
    const said = await refused(define(`export default { datastore: ${throws} };`), 'list');
    expect(said).toContain('the plugin broken could not make its datastore: TypeError: no bucket given');
  });

  it('is reported with the known profiles when the profile is unknown', async () => {
    const said = await refused('export default { profiles: { ci: {}, prod: {} } };\n', 'list', '--profile', 'cii');
    expect(said).toContain("there is no profile 'cii'");
    expect(said).toContain('ci, prod');
  });

  it('is reported when the config file, or the package of --store, is missing', async () => {
    const good = 'export default {};\n';
    expect(await refused(good, 'list', '--config', 'nowhere.ts')).toContain('nowhere.ts');
    const missing = await refused(good, 'list', '--store', '@me/not-there');
    expect(missing).toContain('@me/not-there');
    expect(missing).toContain('npm install @me/not-there');
    expect(missing).not.toContain('.varve/build');
    project.write('store.mjs', 'export const notDefault = 1;\n');
    expect(await refused(good, 'run', 'tiny.ts', '--store', './store.mjs')).toContain('--store ./store.mjs');
  });

  it('is reported with the line when the config does not compile', async () => {
    expect(expectCode(await project.varve(['config']), 0).stdout).toContain('datastore');
    project.write('varve.config.ts', 'export default {\n  datastore: ,\n};\n');
    const said = await project.varve(['list']);
    expectNoStack(said);
    expect(said.code).not.toBe(0);
    expect(said.stderr).toMatch(/Unexpected ","[\s\S]*varve\.config\.ts:2/);
  });
});

describe('a store that refuses access', () => {
  it('is reported with the refused operation, for a run and for a list', async () => {
    const project = new Project({
      'tiny.ts': FLOW,
      'varve.config.ts': define(`
const refuse = (what: string, key: string) => Promise.reject(new StoreError('permission-denied', 'moon://bucket does not let you ' + what + ' ' + key, { key }));
const store = {
  name: 'moon://bucket', capabilities: { conditionalPut: true, rangeRead: true, maxObjectBytes: Infinity },
  put: (key: string) => refuse('write', key), get: (key: string) => refuse('read', key),
  stat: async () => undefined, delete: (key: string) => refuse('delete', key),
  async *list(prefix: string): AsyncGenerator<never> { if (prefix.startsWith('records') || process.argv.includes('list')) await refuse('list', prefix); },
};
export default { datastore: definePlugin({ name: 'moon', provides: { datastore: () => store } }) };`),
    });
    for (const args of [['run', 'tiny.ts'], ['list']]) {
      const result = expectCode(await project.varve(args), 4);
      expectNoStack(result);
      expect(result.stderr).toMatch(/moon:\/\/bucket does not let you (write|list)/);
      expect(result.stderr).toContain('VARVE_STORE_PERMISSION_DENIED');
      expect(result.stderr.trim().split('\n').length).toBeLessThan(4);
    }
  });

  it('is rejected when it cannot create an object only if it is absent', async () => {
    const project = new Project({
      'tiny.ts': FLOW,
      'varve.config.ts': define(`
const inner = fsStore({ root: '.varve/store' });
export default { datastore: definePlugin({ name: 'plain', provides: { datastore: async (context) => {
  const store: any = await inner.provides.datastore(context);
  const capabilities = { ...store.capabilities, conditionalPut: false };
  return new Proxy(store, { get: (of, key) => (key === 'capabilities' ? capabilities : typeof of[key] === 'function' ? of[key].bind(of) : of[key]) });
} } }) };`),
    });
    const result = expectCode(await project.varve(['run', 'tiny.ts']), 4);
    expectNoStack(result);
    expect(result.stderr).toContain('cannot create an object only if it is absent');
  });

  it('gives one message on a read-only folder', async ({ skip }) => {
    const project = new Project({ 'tiny.ts': FLOW });
    expectCode(await project.varve(['run', 'tiny.ts', '-q']), 0);
    const store = project.path('.varve/store');
    if (!mountReadOnly(store)) return skip('needs the right to mount');
    try {
      const run = expectCode(await project.varve(['run', 'tiny.ts']), 4);
      expectNoStack(run);
      expect(run.stderr).toContain(store);
      expect(run.stderr).toMatch(/read-only|EROFS/);
      expect(expectCode(await project.varve(['list']), 0).stdout).toContain('Tiny/1');
    } finally {
      execFileSync('umount', [store]);
    }
  });

  it('gives one message when the state folder cannot be written', async ({ skip }) => {
    const project = new Project({ 'tiny.ts': FLOW });
    mkdirSync(project.path('.varve'));
    if (!mountReadOnly(project.path('.varve'))) return skip('needs the right to mount');
    try {
      const run = expectCode(await project.varve(['run', 'tiny.ts']), 4);
      expectNoStack(run);
      expect(run.stderr).toContain(project.path('.varve'));
      expect(run.stderr).toContain('make the folder writable');
    } finally {
      execFileSync('umount', [project.path('.varve')]);
    }
  });
});

/** Mounting needs root; elsewhere a store that refuses tests the same. */
function mountReadOnly(folder: string): boolean {
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'ignore' });
    return true;
  } catch {
    execFileSync('umount', [folder]);
    return false;
  }
}
