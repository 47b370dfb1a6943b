import { describe, expect, it, vi } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const FINE = 'export default {};\n';

/** What a config does to the process, and what is said of it. */
const UNRULY: readonly (readonly [what: string, config: string, said: RegExp])[] = [
  ['awaits what never comes', `await new Promise(() => {});\n${FINE}`, /never finishes loading/],
  ['ends the process', `process.exit(0);\n${FINE}`, /ends the process \(process\.exit\(0\)\)/],
  [
    'throws where nobody catches it',
    `process.nextTick(() => { throw new Error('later'); });\nawait new Promise((r) => setTimeout(r, 50));\n${FINE}`,
    /later/,
  ],
];

describe('a config', () => {
  for (const [what, config, said] of UNRULY) {
    it(`that ${what} is an error of the setup in every command`, async () => {
      const project = new Project({ 'varve.config.mjs': config });
      for (const command of [['list'], ['list', '--json']]) {
        const result = await project.varve(command);
        expectNoStack(result);
        expect(result.code, result.stderr).toBe(4);
        expect(result.stderr).toMatch(said);
        expect(result.stdout).toBe('');
      }
      const { code, stdout } = await project.varve(['doctor', '--json']);
      expect(code).toBe(4);
      const { checks } = JSON.parse(stdout) as { checks: { check: string; status: string; message: string }[] };
      const found = checks.find(({ check }) => check === 'config');
      expect(found).toMatchObject({ status: 'problem', message: expect.stringMatching(said) });
    });
  }

  it('that leaves a timer behind does not keep a command from its end', async () => {
    const project = new Project({ 'varve.config.mjs': `setInterval(() => {}, 1000);\n${FINE}` });
    expectCode(await project.varve(['list']), 0);
  });

  it('may throw secrets, and no command prints them', async () => {
    const secret = '-----BEGIN PRIVATE KEY-----MIIEsecret-----END PRIVATE KEY----- Bearer abcsecretdef';
    const project = new Project({ 'varve.config.mjs': `throw new Error('no right with ${secret}');\n` });
    for (const command of [['list'], ['list', '--json'], ['list', '--debug']]) {
      const { code, stdout, stderr } = await project.varve(command);
      expect(code).toBe(4);
      expect(stderr).toContain('no right with [secret]');
      expect(stdout + stderr).not.toMatch(/MIIEsecret|abcsecretdef/);
    }
  });

  it('and its plugins may print, and stdout with --json is JSON all the same', async () => {
    const project = new Project({
      'varve.config.mjs': `import { definePlugin } from '@varve/core/contract';
import { fsStore } from '@varve/store-fs';
const inner = fsStore({ root: '.varve/store' });
console.log('loading');
const datastore = (context) => {
  console.log('opening the store');
  return inner.provides.datastore(context);
};
export default { datastore: definePlugin({ name: 'noisy', provides: { datastore } }) };
`,
    });
    for (const command of ['list', 'doctor', 'gc']) {
      const { stdout, stderr, code } = await project.varve([command, '--json']);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout), command).toMatchObject({ v: 1 });
      expect(stderr).toContain('opening the store');
    }
  });

  it.each(['threads', 'process'])('leaves process.exit of steps as it was: %s', async (runner) => {
    const project = new Project({
      'varve.config.mjs': `import { fsStore } from '@varve/store-fs';\nexport default { datastore: fsStore({ root: '.varve/store' }) };\n`,
      'flow.ts': `import { Flow, step } from 'varve';
export default class Exits extends Flow {
  items = [1, 2, 3, 4]; y!: number;
  @step({ foreach: 'items' }) each(item: number) { this.y = item; }
  @step() exits() { process.exit(3); }
}
`,
    });
    const { stderr } = expectCode(await project.varve(['run', 'flow.ts', '--runner', runner]), 1);
    expect(stderr).toContain('exits called process.exit(3)');
    expect(stderr).not.toContain('is not kept');
  });
});
