import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each case starts a process, which is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const CORE = fileURLToPath(new URL('../../../../core', import.meta.url));

/** A package that brings its own copy of core, of another version. Its second store cannot create an object once. */
const PACKAGE = `import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
const inner = fsStore({ root: 'acme' });
export const acme = () => definePlugin({ name: 'acme', provides: inner.provides });
export const weak = () => definePlugin({ name: 'acme-weak', provides: { datastore: async (context) => {
  const store = await inner.provides.datastore(context);
  return Object.create(store, { capabilities: { value: { ...store.capabilities, conditionalPut: false } } });
} } });
`;

function withOwnCore(project: Project): void {
  const folder = project.path('node_modules/acme');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/package.json`,
    '{ "name": "acme", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  );
  writeFileSync(`${folder}/index.js`, PACKAGE);
  const copy = `${folder}/node_modules/@varve/core`;
  cpSync(`${CORE}/dist`, `${copy}/dist`, { recursive: true });
  writeFileSync(
    `${copy}/package.json`,
    project.read('node_modules/@varve/core/package.json').replace(/"version": ".*?"/, '"version": "0.0.9"'),
  );
}

const IMPORTS = `import { definePlugin } from '@varve/core/contract';
import { exact } from '@varve/serializer-exact';
import { fsStore } from '@varve/store-fs';
import { acme, weak } from 'acme';
const made = definePlugin({ name: 'future', provides: { hasher: () => ({}) as never } });
const future = Object.assign(made, { contract: { ...made.contract, hasher: 2 } });
`;

/** The finding at each line, as \`code file:line message → hint\`. */
function findingsOf(stderr: string): string[] {
  return stderr
    .split(/\n\n +✖ /)
    .slice(1)
    .map((text) => {
      const [first = '', ...more] = text.split('\n').map((line) => line.trim());
      const [, message, code] = /^(.*?) {2}(VARVE_\w+)$/.exec(first) ?? [];
      const at = more.find((line) => /^[\w.]+:\d+$/.test(line)) ?? '-';
      const hint = more.find((line) => line.startsWith('→')) ?? '';
      return `${code} ${at} ${message} ${hint}`;
    });
}

describe('the report of a config', () => {
  const project = new Project();
  withOwnCore(project);
  const report = async (config: string, args: readonly string[] = ['config'], env = {}): Promise<string[]> => {
    project.write('varve.config.ts', config);
    const result = expectCode(await project.varve(args, env), 4);
    expectNoStack(result);
    return findingsOf(result.stderr);
  };

  it('has five wrong plugins at once, each with both sides, its line and the way out', async () => {
    const found = await report(`${IMPORTS}export default {
  datastore: weak(),
  metadata: class Journals {},
  serializer: exact,
  hasher: future,
  runner: exact(),
} as any;\n`);
    expect(found).toEqual([
      expect.stringMatching(
        /^VARVE_NOT_A_PLUGIN varve.config.ts:9 metadata is not a plugin: it is the class Journals → Make a plugin of it: .*new Journals/,
      ),
      expect.stringMatching(
        /^VARVE_PLUGIN_NOT_CALLED varve.config.ts:10 serializer is a function, .* as in exact\(\)\?$/,
      ),
      expect.stringMatching(
        /^VARVE_PLUGIN_VERSION varve.config.ts:11 .*future was built for version 2 of the hasher contract, this varve has version 1 → Update varve\.$/,
      ),
      expect.stringMatching(
        /^VARVE_PLUGIN_KIND varve.config.ts:12 runner: plugin serializer-exact does not provide a runner → It provides: serializer\. Write it under serializer\.$/,
      ),
      expect.stringMatching(
        /^VARVE_STORE_UNSUITABLE varve.config.ts:8 datastore: plugin acme-weak: .* cannot create an object only if it is absent\. → Runs need that to number themselves/,
      ),
      expect.stringMatching(
        /^VARVE_CORE_COPIES - plugin acme-weak was made with @varve\/core 0\.0\.9 in .*node_modules\/acme\/node_modules\/@varve\/core; varve uses @varve\/core .* → .*npm dedupe/,
      ),
    ]);
  });

  it('is the same from every command, and has the profiles too', async () => {
    const config = `${IMPORTS}export default {
  datastroe: acme(),
  cache: { mode: 'readd', maxage: 1, purity: 3 },
  inputs: { env: { exclud: [] } },
  readers: fsStore,
  profiles: {
    ci: { loader: [exact(), exact()], extends: 'ci' },
    far: Promise.resolve({}),
    none: null,
    wrapped: { hasher: { ...made } },
  },
} as any;\n`;
    const lines = (found: string[]) =>
      found.map((one) => one.split(' ').slice(0, 2).join(' ')).map((one) => one.replace('varve.config.ts:', ''));
    const found = lines(await report(config, ['list', '--profile', 'cj']));
    expect(found).toEqual([
      'VARVE_UNKNOWN_SETTING 8',
      'VARVE_SETTING_VALUE 9',
      'VARVE_UNKNOWN_SETTING 9',
      'VARVE_SETTING_VALUE 9',
      'VARVE_UNKNOWN_SETTING 10',
      'VARVE_SETTING_VALUE 11',
      'VARVE_NOT_A_PLUGIN 13',
      'VARVE_UNKNOWN_SETTING 13',
      'VARVE_SETTING_VALUE 14',
      'VARVE_SETTING_VALUE 15',
      'VARVE_NOT_A_PLUGIN 16',
      'VARVE_UNKNOWN_PROFILE 12',
    ]);
    expect(lines(await report(config, ['config', '--profile', 'cj']))).toEqual(found);
  });

  it('has what plugins make, and what the environment says', async () => {
    const config = `${IMPORTS}export default {
  datastore: definePlugin({ name: 'hollow', provides: { datastore: () => ({ name: 'hollow:' }) as any } }),
  serializer: definePlugin({ name: 'nothing', provides: { serializer: () => undefined as any } }),
  hasher: definePlugin({ name: 'broken', provides: { hasher: () => { throw new TypeError('no key'); } } }),
};\n`;
    const env = { VARVE_CACHE: 'readd', VARVE_STORE_PATIENCE: 'long', VARVE_REPORTER: 'loud', VARVE_PROFIL: 'ci' };
    expect(await report(config, ['config'], env)).toEqual([
      expect.stringMatching(
        /^VARVE_PLUGIN_PART varve.config.ts:8 .*hollow made a datastore without capabilities, put, get, /,
      ),
      expect.stringMatching(/^VARVE_PLUGIN_PART varve.config.ts:9 .*nothing made undefined instead of a serializer/),
      expect.stringMatching(/^VARVE_CONFIG varve.config.ts:10 .*broken could not make its hasher: TypeError: no key/),
      expect.stringMatching(/^VARVE_CACHE_OPTION - .*VARVE_CACHE is 'readd' → One of/),
      expect.stringMatching(/^VARVE_CONFIG - VARVE_STORE_PATIENCE is long/),
      expect.stringMatching(/^VARVE_USAGE - VARVE_REPORTER=loud/),
      expect.stringMatching(/^VARVE_UNKNOWN_SETTING - .*VARVE_PROFIL → Did you mean 'VARVE_PROFILE'/),
    ]);
  });

  it('names default exports and files that are no config', async () => {
    for (const wrong of ['[]', '() => ({})', 'class Config {}', "fsStore({ root: 'x' })", '3'])
      expect(await report(`${IMPORTS}export default (${wrong}) as any;\n`), wrong).toEqual([
        expect.stringMatching(/^VARVE_SETTING_VALUE - the default export is not a config: it is /),
      ]);
    project.write(
      'varve.config.ts',
      "import { fsStor } from '@varve/store-fs';\nexport default { datastore: fsStor() };\n",
    );
    expect((await project.varve(['list'])).stderr).toMatch(
      /imports 'fsStor'[\s\S]*varve\.config\.ts:1[\s\S]*Did you mean 'fsStore'\?/,
    );
    const json = new Project({ 'varve.config.json': '{}' });
    expect(expectCode(await json.varve(['list']), 4).stderr).toMatch(
      /varve\.config\.json is not read.*code[\s\S]*varve\.config\.ts/,
    );
  });

  it('refuses modules of --store that make no store, and never takes another instead', async () => {
    const stores: Readonly<Record<string, readonly [source: string, said: RegExp]>> = {
      'needs.mjs': ['export default (options) => options.bucket;', /made no plugin: TypeError.*[\s\S]*without options/],
      'nothing.mjs': ['export default () => undefined;', /VARVE_NOT_A_PLUGIN/],
      'class.mjs': ['export default class Store {}', /the default export is the class Store/],
      'object.mjs': ['export default {};', /the default export is an object, not a function/],
      'named.mjs': ['export const store = 1;', /has no default export/],
      'other.mjs': [
        "import { exact } from '@varve/serializer-exact';\nexport default () => exact();",
        /does not provide a datastore[\s\S]*VARVE_PLUGIN_KIND|VARVE_PLUGIN_KIND/,
      ],
    };
    project.write('varve.config.ts', 'export default {};\n');
    for (const [file, [source, said]] of Object.entries(stores)) {
      project.write(file, source);
      const result = expectCode(await project.varve(['list', '--store', `./${file}`]), 4);
      expectNoStack(result);
      expect(result.stderr, file).toMatch(said);
    }
    expect((await project.varve(['list', '--store', ''])).stderr).toContain('--store names nothing');
    expect((await project.varve(['list', '--store', '@varve/store-fs'])).stderr).toMatch(
      /no default export[\s\S]*varve\.config\.ts/,
    );
  });
});

describe('varve config', () => {
  it('shows the origin of every value, and no secret', async () => {
    const project = new Project({
      '.env': 'VARVE_STORE_PATIENCE=5s\n',
      'varve.config.ts': `import { msgpack } from '@varve/serializer-msgpack';
import { s3Store } from '@varve/store-s3';
import { defineConfig } from 'varve';
export default defineConfig({
  datastore: s3Store({
    bucket: 'bucket', region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'hunter2hunter2' },
  }),
  readers: [msgpack()],
  cache: { mode: 'read', purity: 'strict' },
  inputs: { env: { exclude: ['BUILD_ID'] } },
  profiles: { ci: { cache: { maxAge: '2d' } } },
});\n`,
    });
    const env = { VARVE_PROFILE: 'ci', VARVE_CACHE: 'write' };
    const result = expectCode(await project.varve(['config', 'show', '--json'], env), 0);
    const { v, store, settings, notes } = JSON.parse(result.stdout) as Record<string, unknown>;
    const file = project.path('varve.config.ts');
    expect([v, store, notes]).toEqual([1, 's3://bucket', []]);
    expect(settings).toEqual([
      { setting: 'datastore', value: 'store-s3', from: 'config', file, line: 5 },
      { setting: 'datastore.compress', value: true, from: 'config', file, line: 5 },
      { setting: 'metadata', value: 'in the datastore', from: 'default' },
      { setting: 'index', value: 'none', from: 'default' },
      { setting: 'serializer', value: 'serializer-exact', from: 'default' },
      { setting: 'hasher', value: 'sha256', from: 'default' },
      { setting: 'runner', value: 'threads', from: 'default' },
      { setting: 'loader', value: 'loader', from: 'default' },
      { setting: 'fingerprinter', value: 'fingerprint', from: 'default' },
      { setting: 'readers', value: ['serializer-msgpack'], from: 'config', file, line: 9 },
      { setting: 'cache.mode', value: 'write', from: 'variable', name: 'VARVE_CACHE' },
      { setting: 'cache.maxAge', value: '2d', from: 'profile', name: 'ci', file, line: 12 },
      { setting: 'cache.purity', value: 'strict', from: 'config', file, line: 10 },
      { setting: 'inputs.env.include', value: [], from: 'default' },
      { setting: 'inputs.env.exclude', value: ['BUILD_ID'], from: 'config', file, line: 11 },
      { setting: 'inputs.files.exclude', value: [], from: 'default' },
      { setting: 'profile', value: 'ci', from: 'variable', name: 'VARVE_PROFILE' },
      { setting: 'patience', value: '5s', from: 'variable', name: 'VARVE_STORE_PATIENCE', file: project.path('.env') },
      { setting: 'reporter', value: 'auto', from: 'default' },
    ]);
    const table = expectCode(await project.varve(['config', '--profile', 'ci'], { VARVE_STORE: '' }), 0).stdout;
    expect(table).toMatch(/^cache\.maxAge +2d +varve\.config\.ts:12, profile ci$/m);
    expect(table).toMatch(/^profile +ci +--profile$/m);
    expect(table).toMatch(/^patience +5s +the variable VARVE_STORE_PATIENCE in \.env$/m);
    expect(result.stdout + table).not.toMatch(/AKIDEXAMPLE|hunter2/);
    project.write('varve.config.ts', project.read('varve.config.ts').replace('readers:', 'reader:'));
    const wrong = expectCode(await project.varve(['config']), 4);
    expect(wrong.stderr).toContain("Did you mean 'readers'?");
    expect(wrong.stderr).not.toMatch(/hunter2/);
  });

  it('tells of another copy of core, which works, and so does the doctor', async () => {
    const project = new Project({
      'varve.config.mjs': "import { acme } from 'acme';\nexport default { datastore: acme() };\n",
    });
    withOwnCore(project);
    const { notes } = await project.json<{ notes: { code: string; message: string }[] }>('config', '--json');
    expect(notes).toMatchObject([{ code: 'VARVE_CORE_COPIES', message: expect.stringContaining('@varve/core 0.0.9') }]);
    const { stdout } = await project.varve(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { check: string; status: string; code?: string }[] };
    expect(checks.find(({ check }) => check === 'config')).toMatchObject({
      status: 'warning',
      code: 'VARVE_CORE_COPIES',
    });
    expectCode(await project.varve(['list']), 0);
  });
});
