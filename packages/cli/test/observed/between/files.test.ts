import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

const WRITES = `text = param.string('one');
  a!: number; b!: string;
  @step() write() { fs.mkdirSync('out', { recursive: true }); fs.writeFileSync('out/x.txt', this.text); this.a = 1; }
  @step({ after: 'write' }) read() { this.b = fs.readFileSync(['out', 'x.txt'].join('/'), 'utf8'); }`;

describe('a file that one step writes and another reads', () => {
  it('is cached in both when nothing changed', async () => {
    const { run } = session(WRITES);
    await run();
    expect((await run()).status).toEqual({ write: CACHED, read: CACHED });
  });

  it('is read anew when the first step writes something else', async () => {
    const { run, fresh } = session(WRITES);
    await run();
    const again = await run(['--text', 'two']);
    expect(again.status).toEqual({ write: EXECUTED, read: EXECUTED });
    expectSameResults(again, await fresh(['--text', 'two']));
  });

  it('is written anew for the parameters of before', async () => {
    const { run, fresh } = session(WRITES);
    await run();
    await run(['--text', 'two']);
    const back = await run(['--text', 'one']);
    expectSameResults(back, await fresh(['--text', 'one']));
    expect(back.status.write).toBe(EXECUTED);
  });

  for (const [what, text] of [
    ['edited', 'by hand'],
    ['deleted', undefined],
  ] as const) {
    it(`is written anew when it was ${what} (OUTPUT)`, async () => {
      const { run, project } = session(WRITES);
      await run();
      if (text === undefined) await import('node:fs').then((fs) => fs.rmSync(project.path('out/x.txt')));
      else project.write('out/x.txt', text);
      const again = await run();
      expect(again.status).toEqual({ write: EXECUTED, read: CACHED });
      expect(again.run.tasks.find(({ step }) => step === 'write')?.why).toMatch(/^OUTPUT /);
      expect(project.read('out/x.txt')).toBe('one');
    });
  }

  it('is seen by each task of a foreach and by the join', async () => {
    const { run, project } = session(`items = ['a', 'b', 'c']; n!: number; all!: string;
      @step({ foreach: 'items' }) each(item: string) { fs.writeFileSync(item + '.out', item); this.n = 1; }
      @step({ join: 'each' }) join(tasks: any) { void tasks.length; this.all = ['a', 'b', 'c'].map((n) => fs.readFileSync(n + '.out', 'utf8')).join(); }`);
    await run();
    expect(new Set(Object.values((await run()).status))).toEqual(new Set([CACHED]));
    project.write('b.out', 'other');
    const { status } = await run();
    expect(Object.values(status).filter((one) => one === EXECUTED)).toHaveLength(1);
    expect(project.read('b.out')).toBe('b');
  });
});

describe('a temporary file that one step hands to another', () => {
  const top = (name: string) => `import os from 'node:os';\nconst temp = os.tmpdir() + '/${name}';`;
  const HANDS = `text = param.string('one'); a!: number; b!: string; c!: string;
    @step() write() { fs.writeFileSync(temp, this.text); this.a = 1; }
    @step({ after: 'write' }) read() { this.b = fs.readFileSync(temp, 'utf8'); }
    @step({ after: 'read' }) own() { fs.writeFileSync(temp + '2', this.b); this.c = fs.readFileSync(temp + '2', 'utf8'); }`;

  it('is read anew when the first one writes something else, and what a task writes for itself is not', async () => {
    const { run, fresh } = session(HANDS, {}, top(`varve-${process.pid}-hands`));
    await run();
    expect((await run()).status).toEqual({ write: CACHED, read: CACHED, own: CACHED });
    const again = await run(['--text', 'two']);
    expect(again.status).toEqual({ write: EXECUTED, read: EXECUTED, own: EXECUTED });
    expectSameResults(again, await fresh(['--text', 'two']));
    expect((await run(['--text', 'two'])).status).toEqual({ write: CACHED, read: CACHED, own: CACHED });
    for (const end of ['', '2']) rmSync(join(tmpdir(), `varve-${process.pid}-hands${end}`));
  });
});

describe('a file that is there and is not', () => {
  it('is looked for again when a later step of the run has made it', async () => {
    const { run, fresh } = session(`was!: boolean; made!: number;
      @step() look() { this.was = fs.existsSync(['ma', 'de'].join('')); }
      @step({ after: 'look' }) make() { fs.writeFileSync('made', 'x'); this.made = 1; }`);
    await run();
    const again = await run();
    expect(again.status.look).toBe(EXECUTED);
    expectSameResults(again, await fresh());
    expect((await run()).status).toEqual({ look: CACHED, make: CACHED });
  });

  it('is read again when a later step of the run has removed it', async () => {
    const { run, fresh } = session(
      `was!: string; gone!: number;
      @step() look() { try { this.was = fs.readFileSync(['in', 'put'].join(''), 'utf8'); } catch { this.was = 'none'; } }
      @step({ after: 'look' }) remove() { fs.rmSync('input', { force: true }); this.gone = 1; }`,
      { input: 'text\n' },
    );
    await run();
    const again = await run();
    expect(again.status.look).toBe(EXECUTED);
    expectSameResults(again, await fresh());
  });

  it('keeps what was read when a later step of the run overwrites it', async () => {
    const { run, project } = session(
      `was!: string; n!: number;
      @step() look() { this.was = fs.readFileSync(['in', 'put'].join(''), 'utf8'); }
      @step({ after: 'look' }) over() { fs.writeFileSync('input', 'new\\n'); this.n = 1; }`,
      { input: 'old\n' },
    );
    const first = await run();
    const second = await run();
    expect(second.status.look).toBe(EXECUTED);
    project.write('input', 'old\n');
    const third = await run();
    expect(third.status.look).toBe(CACHED);
    expect(third.result.look).toBe(first.result.look);
  });

  it('is not kept as read when it changes under the step that reads it', async () => {
    const { run, fresh, project } = session(
      `was!: string;
      @step() look() { this.was = fs.readFileSync(['in', 'put'].join(''), 'utf8'); execFileSync('sh', ['-c', 'echo other > input']); }`,
      { input: 'old\n' },
      `import { execFileSync } from 'node:child_process';`,
    );
    await run();
    const other = await run();
    expectSameResults(other, await fresh());
    project.write('input', 'old\n');
    const back = await run();
    project.write('input', 'old\n');
    expectSameResults(back, await fresh());
  });
});

describe('a relative path', () => {
  it('is another file from a subfolder', async () => {
    const { run, fresh } = session(
      `was!: string;\n  @step() look() { this.was = fs.readFileSync(['in', 'put'].join(''), 'utf8'); }`,
      { input: 'root\n', 'sub/input': 'sub\n' },
    );
    await run();
    const below = await run([], { cwd: 'sub' });
    expect(below.status.look).toBe(EXECUTED);
    expectSameResults(below, await fresh([], { cwd: 'sub' }));
    expect((await run()).status.look).toBe(CACHED);
  });

  it('is the same file by import.meta.dirname', async () => {
    const { run } = session(
      `was!: string;\n  @step() look() { this.was = fs.readFileSync(import.meta.dirname + '/input', 'utf8'); }`,
      { input: 'root\n', 'sub/input': 'sub\n' },
    );
    await run();
    expect((await run([], { cwd: 'sub' })).status.look).toBe(CACHED);
  });

  it('counts as the working directory where that is the result', async () => {
    const { run, fresh } = session(`was!: string;\n  @step() look() { this.was = process.cwd().split('/').at(-1); }`, {
      'sub/x': '',
    });
    await run();
    expectSameResults(await run([], { cwd: 'sub' }), await fresh([], { cwd: 'sub' }));
  });
});

describe('a script that a step starts', () => {
  const SCRIPT = { 'tool.mjs': `console.log('one');\n`, 'tool.sh': 'echo one\n' };
  for (const [way, call] of [
    ['execFileSync', `execFileSync(process.execPath, ['tool.mjs'])`],
    ['execFileSync of a computed name', `execFileSync(process.execPath, [['tool', 'mjs'].join('.')])`],
    ['a file that is an argument', `execFileSync('cat', ['tool.sh'])`],
    ['spawnSync', `spawnSync('sh', ['tool.sh']).stdout`],
    ['execSync of a line', `execSync('node tool.mjs')`],
    ['promisify(execFile)', `(await promisify(execFile)(process.execPath, ['./tool.mjs'])).stdout`],
    [
      'fork',
      `await new Promise((done) => { let text = ''; fork('tool.mjs', { silent: true }).on('close', () => done(text)).stdout!.on('data', (part) => { text += part; }); })`,
    ],
  ]) {
    it(`is executed again after an edit: ${way}`, async () => {
      const { run, edit, fresh } = session(
        `out!: string;\n  @step() async call() { this.out = String(${call}); }`,
        SCRIPT,
        `import { execFile, execFileSync, execSync, fork, spawnSync } from 'node:child_process';\nimport { promisify } from 'node:util';\nvoid [execFile, execFileSync, execSync, fork, spawnSync, promisify];`,
      );
      await run();
      expect((await run()).status.call).toBe(CACHED);
      edit({ 'tool.mjs': `console.log('two');\n`, 'tool.sh': 'echo two\n' });
      const again = await run();
      expect(again.status.call).toBe(EXECUTED);
      expectSameResults(again, await fresh());
    });
  }
});

describe('what a command names', () => {
  const MORE = `import { execFileSync, execSync } from 'node:child_process';\nvoid [execFileSync, execSync];`;
  const FILES = { 'in.txt': 'one\n', 'data/in.txt': 'one\n' };
  for (const call of [
    `execSync('dd if=in.txt 2>/dev/null')`,
    `execSync('cd data && cat in.txt')`,
    `execSync('cat data/*.txt')`,
    `execFileSync('grep', ['-rh', '', 'data'])`,
  ]) {
    it(`is executed again after an edit: ${call}`, async () => {
      const { run, edit, fresh } = session(
        `out!: string;\n  @step() call() { this.out = String(${call}); }`,
        FILES,
        MORE,
      );
      await run();
      expect((await run()).status.call).toBe(CACHED);
      edit({ 'in.txt': 'two\n', 'data/in.txt': 'two\n' });
      const again = await run();
      expect(again.status.call).toBe(EXECUTED);
      expectSameResults(again, await fresh());
    });
  }

  for (const call of [
    `execSync('cat in.txt > out.txt')`,
    `execFileSync('cp', ['in.txt', 'out.txt'])`,
    `execFileSync('cp', ['in.txt', 'out.txt']); fs.readFileSync('out.txt')`,
    `execSync('mkdir -p made/sub && cp in.txt made/sub/out.txt')`,
  ]) {
    it(`is written again when it is gone: ${call}`, async () => {
      const { run, project } = session(`n!: number;\n  @step() call() { ${call}; this.n = 1; }`, FILES, MORE);
      await run();
      expect((await run()).status.call).toBe(CACHED);
      const file = call.includes('made') ? 'made/sub/out.txt' : 'out.txt';
      project.write(file, 'other\n');
      expect((await run()).status.call).toBe(EXECUTED);
      expect(project.read(file)).toBe('one\n');
    });
  }
});
