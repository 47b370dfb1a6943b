import { chmodSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '@varve/test-support';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, openProject, type Project, put } from './observed.ts';

const TREE = {
  'a.txt': 'one\n',
  'data/b.txt': 'b\n',
  'data/sub/c.txt': 'c\n',
  'args.txt': 'a.txt\n',
  'tool.mjs': `import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
const [, , what, file] = process.argv;
if (what === 'read') readFileSync(file);
if (what === 'write') writeFileSync(file, 'x');
if (what === 'append') appendFileSync(file, 'x');
if (what === 'remove') rmSync(file);
`,
};

let project: Project;
beforeAll(async () => {
  project = await openProject({}, { seesCommands: true });
});
beforeEach(() => project.reset(TREE));
afterAll(() => project.close());

const run = (code: string) =>
  project.run(
    `import * as cp from 'node:child_process';\nimport { text } from 'node:stream/consumers';\nconst AT = { cwd: ROOT };\nconst ended = async (child) => { child.stdout?.resume(); await once(child, 'close'); };\n${code}`,
  );

/** Ways to run a text of a shell. */
const APIS: Readonly<Record<string, (script: string) => string>> = {
  execSync: (script) => `cp.execSync(${JSON.stringify(script)}, { ...AT, stdio: 'pipe' })`,
  execFileSync: (script) => `cp.execFileSync('sh', ['-c', ${JSON.stringify(script)}], AT)`,
  spawnSync: (script) => `cp.spawnSync('sh', ['-c', ${JSON.stringify(script)}], AT)`,
  'spawnSync with a shell': (script) => `cp.spawnSync(${JSON.stringify(script)}, { ...AT, shell: true })`,
  exec: (script) => `await new Promise((done) => cp.exec(${JSON.stringify(script)}, AT, done))`,
  execFile: (script) => `await new Promise((done) => cp.execFile('sh', ['-c', ${JSON.stringify(script)}], AT, done))`,
  spawn: (script) => `await ended(cp.spawn('sh', ['-c', ${JSON.stringify(script)}], AT))`,
  'promisify(exec)': (script) => `await promisify(cp.exec)(${JSON.stringify(script)}, AT)`,
};

/** Ways to read `a.txt` and nothing else. */
const READERS = [
  ...['cat a.txt', 'cat ./a.txt', "cat 'a.txt'", 'cat a\\.txt', 'cat < a.txt', 'F=a.txt; cat $F'],
  ...['echo "$(cat a.txt)"', 'dd if=a.txt 2>/dev/null', 'sh -c "cat a.txt"'],
];

/** Texts of a shell, with all reads and writes of them. */
const SCRIPTS: readonly (readonly [script: string, reads: readonly string[]])[] = [
  ...READERS.map((script) => [script, ['@file a.txt']] as const),
  ['cd data && cat b.txt', ['@file data/b.txt']],
  ['cd data && cat "$(pwd)/b.txt" $PWD/sub/c.txt', ['@file data/b.txt', '@file data/sub/c.txt']],
  ['for f in a none; do cat "$f.txt" || true; done 2>/dev/null', ['@file a.txt', '@file none.txt']],
  ['for f in data/*.txt; do cat $f; done', ['@dir data', '@file data/b.txt']],
  ['F=a.txt.bak; cat ${F%.bak} ${NONE:-data/b.txt}', ['@file a.txt', '@file a.txt.bak', '@file data/b.txt']],
  ['echo args.txt | xargs cat | xargs cat', ['@file a.txt', '@file args.txt']],
  ['tar cf out.tar -T args.txt', ['@file a.txt', '@file args.txt', '@wrote out.tar']],
  ['cat data/*.txt', ['@dir data', '@file data/b.txt']],
  ['ls data', ['@file data/b.txt', '@file data/sub/c.txt', '@kinds data', '@kinds data/sub']],
  ['ls -d .', []],
  ['cat none.txt || true', ['@file none.txt']],
  ['echo x > out.txt', ['@wrote out.txt']],
  ['echo x >> a.txt', ['@wrote a.txt']],
  ['echo x > "out.txt"', ['@wrote out.txt']],
  ['echo x | tee out.txt', ['@wrote out.txt']],
  ['cp a.txt out.txt', ['@file a.txt', '@wrote out.txt']],
  ['mv a.txt out.txt', ['@file a.txt', '@wrote a.txt', '@wrote out.txt']],
  ['rm a.txt', ['@file a.txt', '@wrote a.txt']],
  ['rm a.txt && mkdir a.txt', ['@file a.txt', '@wrote a.txt']],
  [
    'rm -r data/sub && echo x > data/sub',
    ['@file data/sub/c.txt', '@kinds data/sub', '@wrote data/sub', '@wrote data/sub/c.txt'],
  ],
  ['mkdir made', ['@wrote made']],
  ['mkdir made && echo x > made/y.txt', ['@wrote made', '@wrote made/y.txt']],
  [
    'cp -r data made',
    [
      ...['@file data/b.txt', '@file data/sub/c.txt', '@kinds data', '@kinds data/sub'],
      ...['@wrote made', '@wrote made/b.txt', '@wrote made/sub', '@wrote made/sub/c.txt'],
    ],
  ],
  ['cat a.txt > data/new.txt', ['@file a.txt', '@wrote data/new.txt']],
  ['touch data/b.txt', ['@file data/b.txt']],
  ['dd if=a.txt of=out.txt 2>/dev/null', ['@file a.txt', '@wrote out.txt']],
  [
    'cp a.txt data',
    [
      ...['@file a.txt', '@file data/b.txt', '@file data/sub/c.txt', '@kinds data', '@kinds data/sub'],
      '@wrote data/a.txt',
    ],
  ],
];

const namesOf = ({ tokens }: Answer) =>
  Object.keys(tokens).filter((name) => /^@(file|dir|kinds|wrote|exists|stat)/.test(name));

describe.each(Object.entries(APIS))('a command by %s', (_, call) => {
  it.each(SCRIPTS)('%s', async (script, reads) => {
    const answer = await run(call(script));
    expect(answer.error).toBeUndefined();
    expect(namesOf(answer)).toEqual(reads);
    expect(answer.unrecorded).toBeUndefined();
  });
});

describe('a command', () => {
  it('counts a script that a shell is given as input, and a program of the project that PATH leads to', async () => {
    const given = await run(`cp.spawnSync('sh', [], { ...AT, input: 'cat a.txt' })`);
    expect(namesOf(given)).toEqual(['@file a.txt']);
    project.reset({ ...TREE, 'bin/mine': '#!/bin/sh\necho one\n' });
    chmodSync(join(project.root, 'bin/mine'), 0o755);
    const found = await run(
      `const env = { PATH: path.join(ROOT, 'bin') + ':/usr/bin:/bin' };
      export const result = String(cp.execSync('mine', { ...AT, env })) + cp.execFileSync('mine', { ...AT, env });`,
    );
    expect(found.result).toBe('one\none\n');
    expect(namesOf(found)).toEqual(['@file bin/mine']);
  });
});

describe.each([
  [
    'fork',
    (args: string) =>
      `await ended(cp.fork(path.join(ROOT, 'tool.mjs'), ${args}, { ...AT, silent: true, execArgv: [] }))`,
  ],
  [
    'execFile of a list',
    (args: string) => `await promisify(cp.execFile)(process.execPath, ['tool.mjs', ...${args}], AT).catch(() => {})`,
  ],
  ['spawnSync of a list', (args: string) => `cp.spawnSync(process.execPath, ['tool.mjs', ...${args}], AT)`],
])('a program by %s', (_, call) => {
  it.each([
    [['read', 'a.txt'], ['@file a.txt']],
    [
      ['write', 'a.txt'],
      ['@file a.txt', '@wrote a.txt'],
    ],
    [
      ['append', 'a.txt'],
      ['@file a.txt', '@wrote a.txt'],
    ],
    [
      ['remove', 'a.txt'],
      ['@file a.txt', '@wrote a.txt'],
    ],
    [['write', 'new.txt'], ['@wrote new.txt']],
    [['write', 'data/new'], ['@wrote data/new']],
    [['read', 'none.txt'], ['@file none.txt']],
    [['none', '--in=a.txt'], ['@file a.txt']],
    [
      ['none', '@args.txt'],
      ['@file a.txt', '@file args.txt'],
    ],
    [['none', 'file://ROOT/a.txt'], ['@file a.txt']],
    [['none', '-C', 'data', 'b.txt'], ['@file data/b.txt']],
  ])('%j', async (args, reads) => {
    const answer = await run(call(`${JSON.stringify(args)}.map((one) => one.replace('ROOT', ROOT))`));
    expect(answer.error).toBeUndefined();
    expect(namesOf(answer)).toEqual([...reads, '@file tool.mjs'].sort());
    expect(answer.unrecorded).toBeUndefined();
  });
});

describe('what a command has written', () => {
  it.each([
    ['read', `fs.readFileSync(path.join(ROOT, 'out.txt'))`],
    ['looked at', `fs.existsSync(path.join(ROOT, 'out.txt')); fs.statSync(path.join(ROOT, 'out.txt'))`],
    ['overwritten', `fs.writeFileSync(path.join(ROOT, 'out.txt'), 'y')`],
    ['removed', `fs.rmSync(path.join(ROOT, 'out.txt'))`],
  ])('is no input when it is %s afterwards', async (_, then) => {
    for (const api of ['execSync', 'spawn', 'promisify(exec)']) {
      rmSync(join(project.root, 'out.txt'), { force: true });
      const answer = await run(`${APIS[api]?.('cp a.txt out.txt')}; ${then}`);
      expect([api, answer.error, ...namesOf(answer)]).toEqual([api, undefined, '@file a.txt', '@wrote out.txt']);
    }
  });

  it('is no input where only the command knows of it, among the temporary files', async () => {
    const out = join(realpathSync(freshFolder()), 'out');
    writeFileSync(out, 'old');
    const read = `fs.readFileSync('${out}')`;
    expect(namesOf(await run(read))).toEqual([`@file ${out}`]);
    const program = JSON.stringify(`fs.writeFileSync(process.env.O, 'x')`);
    const write = `cp.execFileSync(process.execPath, ['-e', ${program}], { ...AT, env: { O: '${out}' } })`;
    expect(namesOf(await run(`${write}; ${read}`))).toEqual([]);
  });

  it('is as today while it stays, and not when it is changed or gone', async () => {
    const answer = await run(`cp.execSync('cp a.txt out.txt', AT)`);
    expect(await project.look(answer)).toEqual(answer.tokens);
    writeFileSync(join(project.root, 'out.txt'), 'other');
    expect(await project.look(answer)).not.toEqual(answer.tokens);
    rmSync(join(project.root, 'out.txt'));
    expect((await project.look(answer))['@wrote out.txt']).toBe('-');
  });

  it('counts as it was before for what read it', async () => {
    const answer = await run(`cp.execSync('cat a.txt && echo two > a.txt', AT)`);
    const { tokens } = answer;
    expect(tokens['@file a.txt']).not.toBe(tokens['@wrote a.txt']);
    expect(answer.unrecorded).toBeUndefined();
  });

  it('is only read when it is left as it was', async () => {
    await run(`cp.execSync('cp a.txt out.txt', AT)`);
    expect(namesOf(await run(`cp.execSync('cp a.txt out.txt', AT)`))).toEqual(['@file a.txt', '@file out.txt']);
  });
});

it('refuses to record folders of more files than it looks at', async () => {
  for (let at = 0; at < 1001; at++) put(join(project.root, `many/${at}`), '');
  expect((await run(`cp.execSync('ls many', AT)`)).unrecorded).toMatch(/many, which has more than 1000 files/);
  expect((await run(`cp.execSync('cp -r many more', AT)`)).unrecorded).toMatch(/more than 1000 files/);
});

it.each(["'@' + 'a'.repeat(300)", "'a'.repeat(300) + '.txt'", "'a/'.repeat(5000) + '='"])(
  'passes arguments on that no file can be named: %s',
  async (argument) => {
    const answer = await run(`cp.spawnSync('true', [${argument}], AT)`);
    expect([answer.error, answer.unrecorded]).toEqual([undefined, undefined]);
    expect(await project.look(answer)).toEqual(answer.tokens);
  },
);

it('counts no folders of the machine or of packages, and none outside that a flag holds', async () => {
  put(join(project.root, 'node_modules/p/x.txt'), 'x');
  const outside = realpathSync(freshFolder());
  put(join(outside, 'x.txt'), 'x');
  for (const script of ['ls node_modules', 'ls /usr/share', `ls -w9 -I${outside}`])
    expect([script, ...namesOf(await run(`cp.execSync(${JSON.stringify(script)}, AT)`))]).toEqual([script]);
});

it('counts links in a folder, and what they lead to', async () => {
  put(join(project.root, 'data/link'), '-> ../a.txt');
  const { tokens } = await run(`cp.execSync('ls data', AT)`);
  expect(Object.keys(tokens)).toEqual(expect.arrayContaining(['@file data/link', '@link data/link']));
});

it('counts that a file was missed which the task makes afterwards', async () => {
  const { tokens } = await run(`cp.execSync('cat out.txt || true', AT); fs.writeFileSync(ROOT + '/out.txt', 'x')`);
  expect(tokens).toMatchObject({ '@file out.txt': '-', '@wrote out.txt': expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it('refuses to record a change of a file that is too large to be hashed before', async () => {
  put(join(project.root, 'big.bin'), '');
  truncateSync(join(project.root, 'big.bin'), 33 * 1024 * 1024);
  const answer = await run(`cp.execFileSync(process.execPath, ['tool.mjs', 'append', 'big.bin'], AT)`);
  expect(answer.unrecorded).toBe('big.bin changed while it was read');
});

it('counts the working directory where a name is relative to it', async () => {
  expect((await run(`cp.execSync('cat ' + path.join(ROOT, 'a.txt'))`)).tokens).not.toHaveProperty('@os cwd');
  expect((await run(`cp.execSync('cat none.txt || true')`)).tokens).toHaveProperty('@os cwd');
});
