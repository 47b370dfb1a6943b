import { cpSync, readdirSync, symlinkSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Project } from '../../support/project.ts';
import { ownProcesses } from '../harness/desk.ts';
import { runWorld } from '../harness/run-world.ts';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

const ONE = `name = param.string('a'); r!: unknown;\n  @step() async look()`;

describe('files beside the one that is used', () => {
  const PLUGINS = {
    'plugins/a.ts': `export const v = 'one';\n`,
    'plugins/b.ts': `export const v = 'other';\n`,
  };
  const members = `${ONE} { this.r = (await import('./plugins/' + this.name + '.ts')).v; }`;

  it('do not count for a computed import() that did not load them', async () => {
    const { run, edit, fresh } = session(members, PLUGINS);
    await run();
    edit({ 'plugins/b.ts': `export const v = 'changed';\n`, 'plugins/c.ts': 'export const v = 1;\n' });
    const again = await run();
    expect(again.status.look).toBe(CACHED);
    expectSameResults(again, await fresh());
  });

  it('count when it did', async () => {
    const { run, edit, fresh } = session(members, PLUGINS);
    await run();
    edit({ 'plugins/a.ts': `export const v = 'two';\n` });
    const again = await run();
    expect(again.status.look).toBe(EXECUTED);
    expectSameResults(again, await fresh());
  });

  it('do not break a computed require in CommonJS that does not load them', async () => {
    const { run } = session(
      `${ONE} { this.r = helper.get(this.name); }`,
      {
        'helper.cjs': `exports.get = (name) => require('./data/' + name + '.json').v;\n`,
        'data/a.json': '{ "v": 1 }\n',
        'data/settings.env': 'A=1\n',
        'data/notes.txt': 'x\n',
      },
      `import helper from './helper.cjs';`,
    );
    expect((await run()).status.look).toBe(EXECUTED);
  });

  it('in node_modules do not count for a computed import() from the root', async () => {
    const { run, edit } = session(`${ONE} { this.r = (await import('./' + this.name + '.ts')).v; }`, {
      'a.ts': `export const v = 'one';\n`,
      'node_modules/broken/index.ts': 'this is no code at all (\n',
    });
    expect((await run()).status.look).toBe(EXECUTED);
    edit({ 'node_modules/broken/index.ts': 'this is no code either (\n' });
    expect((await run()).status.look).toBe(CACHED);
  });

  it('do not count in a folder that is only read by name', async () => {
    const { run, edit } = session(`${ONE} { this.r = fs.readFileSync('data/' + this.name + '.txt', 'utf8'); }`, {
      'data/a.txt': 'one\n',
    });
    await run();
    edit({ 'data/b.txt': 'new\n', 'data/sub/c.txt': 'new\n' });
    expect((await run()).status.look).toBe(CACHED);
  });
});

describe('the same content', () => {
  const READS = `${ONE} { this.r = fs.readFileSync('data/' + this.name + '.txt', 'utf8') + fs.statSync('data/a.txt').size + v; }`;
  const FILES = {
    'data/a.txt': 'one\n',
    'node_modules/pkg/package.json':
      '{ "name": "pkg", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
    'node_modules/pkg/index.js': 'export const v = 1;\n',
  };
  const TOP = `import { v } from 'pkg';`;

  it('is the same at another time', async () => {
    const { run, project } = session(READS, FILES, TOP);
    await run();
    utimesSync(project.path('data/a.txt'), 1, 2);
    expect((await run()).status.look).toBe(CACHED);
  });

  it('is the same when it is written again, in the project and in a package', async () => {
    const { run, edit } = session(READS, FILES, TOP);
    await run();
    edit(Object.fromEntries(Object.keys(FILES).map((path) => [path, undefined])));
    edit(FILES);
    expect((await run()).status.look).toBe(CACHED);
  });

  it('is the same when another package changes', async () => {
    const { run, edit } = session(READS, FILES, TOP);
    await run();
    edit({ 'node_modules/other/index.js': 'changed\n', 'README.md': 'changed\n' });
    expect((await run()).status.look).toBe(CACHED);
  });
});

describe('an example of the repository', () => {
  const EXAMPLES = fileURLToPath(new URL('../../../../../examples/', import.meta.url));
  for (const name of ['hello', 'penguins']) {
    it(`warns of nothing and is all cached the second time: ${name}`, { timeout: 300_000 }, async () => {
      const project = new Project();
      for (const file of readdirSync(`${EXAMPLES}${name}`)) {
        if (!['node_modules', 'test', 'tsconfig.json'].includes(file))
          cpSync(`${EXAMPLES}${name}/${file}`, project.path(file), { recursive: true });
      }
      for (const link of readdirSync(`${EXAMPLES}${name}/node_modules`)) {
        if (link !== 'varve' && !link.startsWith('.'))
          symlinkSync(`${EXAMPLES}${name}/node_modules/${link}`, project.path(`node_modules/${link}`));
      }
      const run = () =>
        runWorld(ownProcesses(project), { files: {}, env: { VARVE_CACHE: 'rw' } }, { file: `${name}.ts` });
      const first = await run();
      const second = await run();
      expect([...first.warnings, ...second.warnings]).toEqual([]);
      expect(second.tasks.filter(({ status }) => status !== 'cached').map(({ task, why }) => `${task} ${why}`)).toEqual(
        [],
      );
    });
  }
});

describe('a class that the config registers', () => {
  const CONFIG = `import { exact } from '@varve/serializer-exact';\nimport { Money } from 'money';\nexport default { serializer: exact({ classes: [Money] }) };\n`;
  const money = (text: string) =>
    `export class Money {\n  constructor(cents) { this.cents = cents; }\n  show() { return this.cents + ' ${text}'; }\n}\n`;
  const FILES = {
    'varve.config.mjs': CONFIG,
    'node_modules/money/package.json':
      '{ "name": "money", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  };

  it('is code of every step that reads an instance', async () => {
    const { run, edit, fresh } = session(
      `m!: any; r!: unknown;
      @step() make() { this.m = new Money(5); }
      @step({ after: 'make' }) use() { this.r = this.m.show(); }`,
      { ...FILES, 'node_modules/money/index.js': money('one') },
      `import { Money } from 'money';`,
    );
    expect((await run()).status).toEqual({ make: EXECUTED, use: EXECUTED });
    expect((await run()).status).toEqual({ make: CACHED, use: CACHED });
    edit({ 'node_modules/money/index.js': money('two') });
    const again = await run();
    expect(again.status.use).toBe(EXECUTED);
    expectSameResults(again, await fresh());
  });
});

describe('what runs while modules load', () => {
  const REGISTRY = `import { EventEmitter } from 'node:events';
export const list: string[] = [];
export const named = (name: string) => (_: unknown, __?: unknown) => { list.push(name); };
export const bell = new EventEmitter();
`;
  const OTHERS = `import { bell, named } from './registry.ts';
export class Others { @named('one') run() { return 1; } }
bell.on('ask', (got) => { got.v = 'one'; });
`;
  const members = `a!: unknown; c!: unknown;
  @step() uses() { this.a = new Mine().run(); }
  @step({ after: 'uses' }) rings() { const got = { v: '' }; bell.emit('ask', got); this.c = got.v; }`;

  it('counts for the steps that look at what it changes, not for those that only add to it or do not name it', async () => {
    const { run, edit, fresh } = session(
      members,
      {
        'registry.ts': REGISTRY,
        'others.ts': OTHERS,
        'mine.ts': `import { named } from './registry.ts';\nexport class Mine { @named('mine') run() { return 1; } }\n`,
      },
      `import { Mine } from './mine.ts';\nimport { bell } from './registry.ts';\nimport './others.ts';`,
    );
    await run();
    edit({ 'others.ts': OTHERS.replace("named('one')", "named('two')") });
    expect((await run()).status).toEqual({ uses: CACHED, rings: CACHED });
    edit({ 'others.ts': OTHERS.replace("'one'; }", "'two'; }") });
    const rung = await run();
    expect(rung.status).toEqual({ uses: CACHED, rings: EXECUTED });
    expectSameResults(rung, await fresh());
  });
});
