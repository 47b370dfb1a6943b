import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';
import { diagnose, WORKING } from './diagnose.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const CONFIG = `import { fsStore } from '@varve/store-fs';
export default {
  datastore: fsStore({ root: 'base-store' }),
  profiles: { team: { datastore: fsStore({ root: 'team-store' }) } },
};
`;

describe('varve doctor on a local folder', () => {
  it('finds a fresh project well, in one line a check, and leaves no object behind', async () => {
    const project = new Project();
    const { stdout, stderr } = expectCode(await project.varve(['doctor']), 0);
    for (const check of ['node', 'config', 'decorators', 'store', ...Object.keys(WORKING), 'disk']) {
      expect(stdout, check).toMatch(new RegExp(`^ ✔ ${check} +\\S`, 'm'));
    }
    expect(stdout).toContain(`fs:${project.path('.varve/store')}`);
    expect(stdout).toMatch(/\nall is well\n$/);
    expect(stderr).toBe('');
    expect(existsSync(project.path('.varve')), 'the folder stays as it was').toBe(false);
  });

  it('reports a missing folder for temporary files, and a package.json that cannot be read', async () => {
    const project = new Project({ 'varve.config.mjs': 'export default {};\n' });
    project.write('package.json', '{ nope');
    const report = await diagnose(project, { TMPDIR: '/no/such/folder' });
    expect(report.statuses).toMatchObject({ package: 'problem', disk: 'problem', decorators: 'skipped' });
    expect(report.of('disk').message).toContain('/no/such/folder (temporary files)');
  });

  it('prints one object with --json', async () => {
    const project = new Project();
    const report = await diagnose(project);
    expect(report.project).toBe(project.root);
    expect(report.statuses).toMatchObject({ node: 'ok', config: 'ok', decorators: 'ok', store: 'ok', ...WORKING });
    expect(report.of('latency').message).toMatch(/A small object takes .* ms to write, .* ms to read/);
  });

  it('says which file, profile, option or variable chose a plugin', async () => {
    const project = new Project({
      'varve.config.mjs': CONFIG,
      'own-store.mjs': "export { default } from './make.mjs';\n",
      'make.mjs': "import { fsStore } from '@varve/store-fs';\nexport default () => fsStore({ root: 'own-store' });\n",
    });
    const base = await diagnose(project);
    expect(base.of('config')).toMatchObject({
      message: 'varve.config.mjs',
      detail: [expect.stringMatching(/^datastore: store-fs, from varve\.config\.mjs:\d+$/)],
    });
    const team = await diagnose(project, { VARVE_PROFILE: 'team' });
    expect(team.of('config').message).toBe('varve.config.mjs, profile team (from VARVE_PROFILE)');
    expect(team.of('config').detail?.[0]).toMatch(/varve\.config\.mjs:\d+, profile team/);
    expect(team.of('store').message).toContain('team-store');
    const option = await diagnose(project, {}, ['--store', './own-store.mjs']);
    expect(option.of('config').detail).toEqual(['datastore: store-fs, from --store']);
    const variable = await diagnose(project, { VARVE_STORE: './own-store.mjs' });
    expect(variable.of('config').detail).toEqual(['datastore: store-fs, from the variable VARVE_STORE']);
    expect(variable.of('store').message).toContain('own-store');
  });

  it('makes all other checks when the config cannot be used', async () => {
    const project = new Project({ 'varve.config.mjs': 'export default { datastroe: 1, serializer: 2 };\n' });
    const report = await diagnose(project);
    expect(report.of('config')).toMatchObject({ status: 'problem', code: 'VARVE_CONFIG' });
    expect(report.of('config').detail?.join('\n')).toMatch(/'datastroe' is not a setting.*Did you mean 'datastore'/);
    expect(report.of('config').detail?.join('\n')).toContain('serializer is not a plugin');
    expect(report.statuses).toMatchObject({ node: 'ok', decorators: 'skipped', store: 'skipped', disk: 'ok' });
  });

  it('says where a config does not compile, and that there is no such profile', async () => {
    const project = new Project({ 'varve.config.ts': 'export default {\n  datastore: ,\n};\n' });
    expect((await diagnose(project)).of('config').detail?.join('\n')).toMatch(
      /Unexpected ","[\s\S]*varve\.config\.ts:2/,
    );
    project.write('varve.config.ts', 'export default { profiles: { ci: {} } };\n');
    const report = await diagnose(project, {}, ['--profile', 'cii']);
    expect(report.of('config').status).toBe('problem');
    expect(report.said).toMatch(/there is no profile 'cii'.*ci/);
  });

  it('reports a folder that cannot be written, and what follows from it', async () => {
    const project = new Project({
      'varve.config.mjs':
        "import { fsStore } from '@varve/store-fs';\nexport default { datastore: fsStore({ root: 'taken/store' }) };\n",
      taken: 'a file where a folder should be',
    });
    const report = await diagnose(project);
    expect(report.of('write').status).toBe('problem');
    expect(report.of('write').code).toMatch(/^VARVE_STORE_/);
    expect(report.of('write').message).toContain('taken/store');
    expect(report.statuses).toMatchObject({ config: 'ok', read: 'skipped', create: 'skipped', delete: 'skipped' });
    expect(report.of('disk')).toMatchObject({ status: 'problem' });
    expect(report.of('disk').message).toContain('taken');
  });

  it('reports a store that cannot be opened, with the plugin that failed', async () => {
    const project = new Project({
      'varve.config.mjs': `import { definePlugin } from '@varve/core/contract';
export default { datastore: definePlugin({ name: 'broken', provides: { datastore: () => { throw new TypeError('no bucket given'); } } }) };
`,
    });
    const report = await diagnose(project);
    expect(report.of('store')).toMatchObject({ status: 'problem', code: 'VARVE_CONFIG' });
    expect(report.of('store').message).toContain('the plugin broken could not make its datastore');
    expect(report.statuses).toMatchObject({ config: 'ok', decorators: 'ok', disk: 'ok' });
  });

  it('reports a plugin that loses, damages, hides and keeps objects', async () => {
    const project = new Project({ 'varve.config.mjs': LIAR });
    const lies = async (lie: string) => diagnose(project, { LIE: lie });
    expect((await lies('none')).ok).toBe(true);
    expect((await lies('damage')).of('read')).toMatchObject({ status: 'problem' });
    expect((await lies('overwrite')).of('create')).toMatchObject({ status: 'problem' });
    expect((await lies('hide')).of('list')).toMatchObject({ status: 'problem' });
    expect((await lies('keep')).of('delete').detail?.join()).toMatch(/may be left under doctor-/);
    expect((await lies('unable')).of('create').code).toBe('VARVE_STORE_UNSUITABLE');
  });

  it('says nothing of the rules of a store that cannot tell them', async () => {
    const project = new Project({ 'varve.config.mjs': LIAR });
    expect((await diagnose(project, { LIE: 'none' })).of('rules')).toMatchObject({ status: 'skipped' });
  });

  it('shows no secret, wherever it comes from, in either form', async () => {
    const env = { MY_TOKEN: 'token-of-the-environment', DB_PASSWORD: 'first line\nsecond line' };
    const shown = async (config: string): Promise<string> => {
      const project = new Project({ 'varve.config.mjs': config });
      const results = [await project.varve(['doctor'], env), await project.varve(['doctor', '--json'], env)];
      for (const result of results) expectNoStack(expectCode(result, 4));
      return results.map(({ stdout, stderr }) => `${stdout}${stderr}`).join('');
    };
    const words =
      '`no way to https://me:hunter2@host/x?sig=c2lnbmVk with ${process.env.MY_TOKEN}, ${process.env.DB_PASSWORD}`';
    const thrown = await shown(`throw new Error(${words});\n`);
    const refused = await shown(`import { definePlugin, StoreError } from '@varve/core/contract';
const refuse = async (key) => { throw new StoreError('permission-denied', ${words}, { key }); };
const store = { name: 'moon:', capabilities: { conditionalPut: true, rangeRead: true, maxObjectBytes: 9 }, put: refuse, get: refuse,
  stat: refuse, delete: refuse, async *list() { await refuse(); }, async inspect() { await refuse(); } };
export default { datastore: definePlugin({ name: 'moon', provides: { datastore: () => store } }) };
`);
    for (const said of [thrown, refused]) {
      expect(said.match(/no way to/g)?.length).toBeGreaterThanOrEqual(2);
      for (const secret of ['hunter2', 'c2lnbmVk', 'token-of-the', 'first line', 'second line']) {
        expect(said).not.toContain(secret);
      }
    }
  });

  it('keeps what a config prints out of its own output', async () => {
    const project = new Project({ 'varve.config.mjs': "console.log('loud');\nexport default {};\n" });
    expect((await diagnose(project)).said).toContain('loud');
    expect(JSON.parse((await project.varve(['doctor', '--json'])).stdout)).toMatchObject({ ok: true });
  });

  it('is listed with its options', async () => {
    const help = expectCode(await new Project().varve(['doctor', '--help']), 0);
    expect(help.stdout).toContain('--json');
    expectNoStack(help);
  });
});

/** A store in memory that lies in one way. */
const LIAR = `import { definePlugin, StoreError } from '@varve/core/contract';
const lie = process.env.LIE;
const objects = new Map();
const store = {
  name: 'liar:',
  capabilities: { conditionalPut: lie !== 'unable', rangeRead: true, maxObjectBytes: Infinity },
  async put(key, body, options = {}) {
    if (options.ifAbsent && objects.has(key) && lie !== 'overwrite') throw new StoreError('already-exists', 'taken', { key });
    const chunks = [];
    for await (const chunk of body.open()) chunks.push(chunk);
    objects.set(key, { bytes: Buffer.concat(chunks), modifiedAt: Date.now() });
  },
  async get(key) {
    const found = objects.get(key);
    if (!found) throw new StoreError('not-found', 'nothing there', { key });
    const bytes = Buffer.from(found.bytes);
    if (lie === 'damage') bytes[0] ^= 1;
    return (async function* () { yield bytes; })();
  },
  async stat(key) {
    const found = objects.get(key);
    return found && { key, size: found.bytes.length, modifiedAt: found.modifiedAt };
  },
  async *list(prefix) {
    if (lie === 'hide') return;
    for (const [key, { bytes, modifiedAt }] of objects) if (key.startsWith(prefix)) yield { key, size: bytes.length, modifiedAt };
  },
  async delete(key) { if (lie !== 'keep') objects.delete(key); },
};
export default { datastore: definePlugin({ name: 'liar', provides: { datastore: () => store } }) };
`;
