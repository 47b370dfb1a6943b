import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../src/observe/asking/owner.ts';
import { namesInCommand } from '../../../src/observe/process/calls/command-files.ts';
import { isLocalText } from '../../../src/observe/process/inputs/date-text.ts';
import { compileNames } from '../../../src/observe/process/inputs/variable-names.ts';

describe('whose code a file is', () => {
  const roots = { root: '/p', own: ['/p/.varve'] };
  it.each([
    ['node:fs', 'node'],
    ['node:internal/url', 'node'],
    ['/p/flow.ts', 'user'],
    ['file:///p/.varve/build/flow-1.mjs?x', 'user'],
    ['/elsewhere/shared.js', 'user'],
    ['/p/node_modules/zod/index.js', 'zod'],
    ['/p/node_modules/.pnpm/a@1/node_modules/@b/c/x.js', '@b/c'],
    ['/p/node_modules/@varve/core/dist/a.js', 'varve'],
    ['/p/node_modules/varve/bin/varve.js', 'varve'],
    ['/p/node_modules/varve-plugin/a.js', 'varve-plugin'],
    ['evalmachine.<anonymous>', undefined],
    ['native', undefined],
    ['', undefined],
  ])('%s: %s', (file, expected) => {
    const owner = ownerOf(file, roots);
    expect(owner?.kind === 'package' ? owner.name : owner?.kind).toBe(expected);
  });

  it('is the user when the whole project lies below a folder of packages', () => {
    const inside = { root: '/x/node_modules/app', own: [] };
    expect(ownerOf('/x/node_modules/app/flow.js', inside)?.kind).toBe('user');
    expect(ownerOf('/x/node_modules/app/node_modules/z/a.js', inside)).toEqual({ kind: 'package', name: 'z' });
  });
});

describe('names of variables', () => {
  const rules = compileNames();
  it.each([
    'HOME',
    'no_proxy',
    'FORCE_COLOR',
    'CI',
    'GITHUB_SHA',
    'npm_config_x',
    'AWS_SECRET_ACCESS_KEY',
    'PGPASSWORD',
    'TMPDIR',
  ])('%s is quiet', (name) => expect(rules.isQuiet(name)).toBe(true));
  it.each([
    'NODE_ENV',
    'LANG',
    'LC_ALL',
    'TZ',
    'DATABASE_URL',
    'DEBUG',
    'LOG_LEVEL',
    'AWS_REGION',
    'HOMEPAGE',
    'CITY',
    'PATHS',
  ])('%s counts', (name) => expect(rules.isQuiet(name)).toBe(false));
  it('may be told otherwise', () => {
    const told = compileNames({ include: ['HOME', 'GITHUB_*'], exclude: ['BUILD.*'] });
    expect(['HOME', 'GITHUB_SHA', 'CI'].map(told.isQuiet)).toEqual([false, false, true]);
    expect(['BUILD.ID', 'BUILDXID'].map(told.isExcluded)).toEqual([true, false]);
  });
});

it.each([
  ['2024', false],
  ['2024-06-01', false],
  ['2024-06-01T12:00Z', false],
  ['2024-06-01T12:00:00.5+02:00', false],
  ['Sun, 06 Nov 1994 08:49:37 GMT', false],
  ['2024-06-01T12:00', true],
  ['2024-06-01 12:00:00', true],
  ['6/1/2024', true],
  ['', true],
])('the date %s is local: %s', (text, isLocal) => expect(isLocalText(text)).toBe(isLocal));

describe('the paths in a command', () => {
  const pathsOf = (file: string, args: readonly string[], cwd = '/p') =>
    namesInCommand({ file, args, cwd, env: ['HOME=/h', 'D=data'] }, cwd).paths.map(
      ({ path, meaning }) => `${meaning === 'part' ? '' : `${meaning} `}${path.replace('/p/', '')}`,
    );
  const inScript = (script: string) => pathsOf('sh', ['-c', script]).filter((one) => one !== '-c');

  it('are its arguments, and what is in them', () => {
    expect(pathsOf('git', ['log', '--pretty=x', 'a b.txt'])).toEqual([
      'log',
      '--pretty=x',
      'x',
      'name a b.txt',
      'a',
      'name b.txt',
    ]);
    expect(pathsOf('dd', ['if=x.bin', 'of=y'])).toEqual(expect.arrayContaining(['name x.bin', 'y']));
    expect(pathsOf('cc', ['-Iinclude', '-oout'])).toEqual(expect.arrayContaining(['include', 'out']));
    expect(pathsOf('curl', ['-d', '@body', 'https://a.org/x.txt'])).toContain('list body');
    expect(pathsOf('curl', ['file:///p/a%20b'])).toContain('name a b');
    expect(pathsOf('docker', ['-v', 'data:/data:ro'])).toEqual(expect.arrayContaining(['data', '/data']));
    expect(pathsOf('/bin/cat', ['a'])).toContain('program /bin/cat');
    expect(pathsOf('python', ['-c', "open('in.txt').read()"])).toContain('name in.txt');
  });

  it.each([
    [
      'cat "my file.csv" \'b\' <c.txt >d|e',
      ['cat', 'name my file.csv', 'my', 'name file.csv', 'b', 'name c.txt', 'output d', 'e'],
    ],
    ['cat my\\ file.csv', ['cat', 'name my file.csv', 'my', 'name file.csv']],
    ['cat a"b"\'c\'.txt', ['cat', 'name abc.txt']],
    ['cat $D/x.csv "${D}/y.csv" ~/z.csv', ['cat', 'name data/x.csv', 'name data/y.csv', 'name /h/z.csv']],
    ['X=sub; cat $X/a.txt', ['X=sub', 'sub', 'cat', 'name sub/a.txt']],
    ['echo "$(cat a.txt)"', ['echo', '$(cat a.txt)', 'cat', 'name a.txt']],
    ['echo x 2>err.txt >>log.txt &>all', ['echo', 'x', 'output err.txt', 'output log.txt', 'output all']],
    ['/bin/cat a', ['program /bin/cat', 'a']],
    ['cat $PWD/a.txt "$(pwd)/b.txt" `pwd`/c.txt', ['cat', 'name a.txt', 'name b.txt', 'name c.txt']],
    ["cat $'a\\x20b.txt'", ['cat', 'name a b.txt', 'a', 'name b.txt']],
    ['cat ${X:-a.txt} "${D:-b}/c.txt" ${X-d.txt}', ['cat', 'name a.txt', 'name data/c.txt', 'name d.txt']],
    ['F=a.txt.bak; cat ${F%.bak} ${F%%.*}.csv', ['F=a.txt.bak', 'name a.txt.bak', 'cat', 'name a.txt', 'name a.csv']],
    ['F=x/a.txt; cat ${F#*/} "${F##*/}.gz"', ['F=x/a.txt', 'name x/a.txt', 'cat', 'name a.txt', 'name a.txt.gz']],
    [
      'for f in a b; do cat "$f.txt"; done',
      ['for', 'f', 'in', 'a', 'b', 'do', 'cat', 'name a.txt', 'name b.txt', 'done'],
    ],
    ['make all', ['make', 'all', 'name GNUmakefile', 'name makefile', 'name Makefile']],
    ['cat list.txt | xargs cat', ['cat', 'list list.txt', 'xargs']],
    ['tar cf out.tar -T list', ['tar', 'cf', 'name out.tar', '-T', 'list list']],
  ])('of a shell: %s', (script, expected) => {
    expect(inScript(script)).toEqual(expected);
  });

  it('are those of a program in a folder that PATH names, and of a script that a shell is given as input', () => {
    const env = ['PATH=/p/bin:/usr/bin'];
    const found = ({ paths }: ReturnType<typeof namesInCommand>) =>
      paths.map(({ path, meaning }) => `${meaning} ${path}`);
    expect(found(namesInCommand({ file: 'tool', args: [], env }, '/p'))).toContain('program /p/bin/tool');
    expect(found(namesInCommand({ file: 'sh', args: ['-c', 'tool x'], env }, '/p'))).toContain('program /p/bin/tool');
    expect(found(namesInCommand({ file: 'bash', args: ['-s'], input: 'cat a.txt' }, '/p'))).toContain('name /p/a.txt');
  });

  it('go with the variables that a shell puts in, but those that it sets itself', () => {
    const variablesOf = (file: string, script: string) => [
      ...namesInCommand({ file, args: ['-c', script], env: ['REGION=eu'] }, '/p').variables,
    ];
    expect(variablesOf('/bin/sh', 'X=1; for f in a; do echo $X $f $1 $PWD "${REGION}" ${NONE:-x}; done')).toEqual([
      ['REGION', 'eu'],
      ['NONE', undefined],
    ]);
    expect(variablesOf('python', 'print("$REGION")')).toEqual([]);
  });

  it.each([
    ['echo ${#A} $((B+1)) $[C+1] "${D:E}" ${F[G]}', 'A B C D E F G'],
    ['let x=A+1; declare -i y=B', 'A B i x y'],
    ['[[ -v A && B -gt 3 ]]; test -v C', 'A B C v'],
    ['printenv A; echo ~/b', 'A HOME'],
    ['cd && cat a; cd -; cd b', 'CDPATH HOME OLDPWD'],
    ['false && A=1; echo $A', 'A'],
    ['A=1; echo $A; for B in x; do echo $B; done', ''],
  ])('go with all variables that %s names, and maybe with others', (script, names) => {
    const { variables, isAll } = namesInCommand({ file: 'bash', args: ['-c', script], env: ['A=1'] }, '/p');
    expect([...variables.keys()].sort().join(' ')).toBe(names);
    expect(isAll).toBe(false);
  });

  it.each([
    ...['echo ${!N}', 'eval "$A"', 'set', 'x; set | sort', 'env', 'env -0 A=b', '/usr/bin/env | sort', 'printenv'],
    ...['export', 'declare -p', 'export -p', 'echo ${(P)N}', 'envsubst < a', 'echo $((A+1))'],
  ])('may read any variable: %s', (script) => {
    const isAll = (file: string, args: readonly string[]) => namesInCommand({ file, args, env: ['A=B+1'] }, '/p').isAll;
    expect(isAll('bash', ['-c', script])).toBe(true);
    expect(isAll('timeout', ['5', 'sh', '-c', script])).toBe(true);
    expect(isAll('bash', ['-c', 'set -e; env A=1 node x.js; export B=2; cat .env env/a'])).toBe(false);
  });

  it('may read any variable for a shell of another language', () => {
    const isAll = (file: string, args: readonly string[]) => namesInCommand({ file, args, env: ['A=1'] }, '/p').isAll;
    expect(isAll('/usr/bin/fish', ['-c', 'echo x'])).toBe(true);
    expect(isAll('env', [])).toBe(true);
    expect(isAll('env', ['cat', 'a.txt'])).toBe(false);
  });

  it.each([
    ['sh', ['-c', 'sh'], 'cat a.txt', 'name /p/a.txt'],
    ['sh', ['-c', 'bash -s'], 'cd sub\ncat a.txt', 'name /p/sub/a.txt'],
    ['xargs', ['cat'], '"a.txt" b.txt', 'name /p/b.txt'],
    ['xargs', ['-I', 'F', 'cat', 'sub/F.txt'], 'a', 'name /p/sub/a.txt'],
    ['bash', ['-c', 'while read f; do cat "sub/$f"; done'], 'a.txt', 'name /p/sub/a.txt'],
    ['python3', ['-'], 'open("a.txt")', 'name /p/a.txt'],
  ])('are those that %s %j is sent', (file, args, input, expected) => {
    const found = namesInCommand({ file, args, input }, '/p').paths.map(({ path, meaning }) => `${meaning} ${path}`);
    expect(found).toContain(expected);
  });

  it('are meant from the folder that the command goes to', () => {
    expect(inScript('cd sub && cat $PWD/a.txt')).toContain('name sub/a.txt');
    expect(inScript('cd sub && cat a.txt')).toEqual(['sub/cat', 'cat', 'name sub/a.txt', 'a.txt']);
    expect(pathsOf('git', ['-C', 'sub', 'show', 'a.txt'])).toContain('name sub/a.txt');
    expect(pathsOf('npm', ['--prefix=sub', 'x', 'a.txt'])).toContain('name sub/a.txt');
    expect(pathsOf('tar', ['cf', 'x.tar', '-C', 'sub', '.'])).toContain('sub');
  });
});
