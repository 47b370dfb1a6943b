import type { Row } from '../../harness/row.ts';
import { type Change, withEnv } from '../../harness/world.ts';
import { says } from '../env.ts';

const HEAD = `import { execFileSync, execSync, spawn, exec, execFile } from 'node:child_process';`;
const body = (statement: string) =>
  `${HEAD}\nexport async function look(): Promise<unknown> { try { ${statement} } catch (error) { return 'failed ' + (error as any).status; } }`;
const bash = (script: string) => `execFileSync('bash', ['-c', ${JSON.stringify(script)}], QUIET)`;
const HOW = `, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }`;
const returning = (call: string) => body(`return String(${call.replace(', QUIET', HOW)});`);

const variable = (script: string, more: Partial<Row> = {}) =>
  says('variable in a shell', script, ['variable'], returning(bash(script)), more);

/** Holds 3, then 12, or a name for the forms that take one. */
const NAMED: readonly Row[] = [
  ...['${#$VAR}', '$(($VAR+1))', '$((1+($VAR*2)))', '$[$VAR+1]', '${$VAR:0:1}', '${$VAR/3/y}'].map((form) =>
    variable(`echo "${form}"`),
  ),
  variable('(($VAR > 3)) && echo more || echo less'),
  variable('let x=$VAR+1; echo $x'),
  variable('declare -i x=$VAR+1; echo $x'),
  variable('[[ $VAR -gt 3 ]] && echo more || echo less'),
  variable('N=$VAR; echo "${!N}"'),
  variable('for n in ${!$VAR*}; do echo "$n ${!n}"; done'),
  variable('text=0123456789abcdef; echo "${text:$VAR}"'),
  variable('list=(a b c d e f g h i j k l m n); echo "${list[$VAR]}"'),
  variable('set | grep $VAR'),
  variable('env | grep $VAR'),
  variable('/usr/bin/env | grep "^V_"'),
  variable('printenv | grep $VAR'),
  variable('printenv $VAR'),
  variable('export -p | grep $VAR'),
  variable('declare -p $VAR'),
  variable(`eval 'echo $'$VAR`),
  variable('eval "echo \\$$VAR"'),
  variable('false && $VAR=own; echo "$$VAR"'),
  variable('($VAR=own); echo "$$VAR"'),
  variable('$VAR=own true; echo "$$VAR"'),
  variable(`bash -c 'echo "$$VAR"'`),
  says(
    'variable in a shell',
    'env without a shell',
    ['variable'],
    returning(`execFileSync('env', [], QUIET).split('\\n').filter((line: string) => line.startsWith('$VAR=')).join()`),
    {
      may: ['other', 'set'],
    },
  ),
  says(
    'variable in a shell',
    'printenv without a shell',
    ['variable'],
    returning(`execFileSync('printenv', ['$VAR'], QUIET)`),
  ),
  says(
    'variable in a shell',
    'a shell that another program starts',
    ['variable'],
    returning(`execFileSync('timeout', ['5', 'sh', '-c', 'echo "$$VAR"'], QUIET)`),
  ),
  says(
    'variable in a shell',
    'a script that a shell is sent',
    ['variable'],
    returning(`execFileSync('sh', { encoding: 'utf8', input: 'echo "$$VAR"' })`),
  ),
  says('set in a shell', '[[ -v V ]]', ['set'], returning(bash('[[ -v $VAR ]] && echo set || echo not')), {
    may: ['variable'],
  }),
  says('set in a shell', '${V+x}', ['set'], returning(bash('echo "${$VAR+x}"')), { may: ['variable'] }),
];

const quiet = (script: string, reads: readonly string[]) =>
  says('variable of the machine', script, reads, returning(`execSync(${JSON.stringify(script)}, QUIET)`));

/** Variables that do not count when a package reads them: here the user's own text names them. */
const QUIET: readonly Row[] = [
  ...[
    'cat "$HOME/.rc"',
    'cat ${HOME}/.rc',
    'cat ~/.rc',
    'echo ~',
    'cd && cat .rc',
    'cd ~ && cat .rc',
    'echo "$HOME"',
  ].map((script) => quiet(script, ['home'])),
  ...['echo "$CI"', 'echo "${CI:-no}"', '[ -n "$CI" ] && echo "$CI"'].map((script) => quiet(script, ['ci'])),
  ...['echo "$MY_TOKEN"', 'printenv MY_TOKEN'].map((script) => quiet(script, ['token'])),
];

const none = (script: string, more: Partial<Row> = {}) =>
  says('no variable', script, [], returning(bash(script)), more);

const NONE: readonly Row[] = [
  none('echo text'),
  none(`echo a b | awk '{ print $2 }'`),
  none('x=1; y=2; echo $((x + y)) "$x"'),
  none('for n in a b; do echo "$n"; done'),
  none('echo "$?" "$#" "$@"'),
];

/** Those that read all variables may be executed after any change of one. */
const READS_ALL = /\$\{!|\bset \||\benv \||printenv \||export -p|declare -p|eval/;

const ALL: readonly Row[] = [
  ...NAMED.map((row) => (row.reads.includes('set') ? row : { ...row, may: ['set', ...(row.may ?? [])] })),
  ...QUIET,
  ...NONE,
];

export const SHELL_ROWS: readonly Row[] = ALL.map((row) =>
  READS_ALL.test(row.way) ? { ...row, may: ['other', 'set', ...(row.may ?? [])] } : row,
);

/** Parts: `variable` the value of each row's own, `set` whether it is there; `home`, `ci` and `token`. */
export function shellChanges(names: readonly string[]): readonly Change[] {
  const all = (value: string | undefined) => Object.fromEntries(names.map((name) => [name, value]));
  const to = (
    name: string,
    touches: readonly string[],
    changed: Readonly<Record<string, string | undefined>>,
  ): Change => ({
    ...{ name, touches },
    apply: (world) => withEnv(world, changed),
  });
  return [
    to('a variable set to another value', ['variable', 'other'], all('12')),
    to('a variable removed', ['set', 'other'], all(undefined)),
    to('another home', ['home'], { HOME: 'h2' }),
    to('in CI', ['ci'], { CI: 'yes' }),
    to('another token', ['token'], { MY_TOKEN: 'two' }),
    to('a variable that nobody names', ['other'], { NOBODY_READS_THIS: '1' }),
  ];
}
