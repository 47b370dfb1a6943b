import { describe, expect, it } from 'vitest';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { checkOutsideInputs, joinOutsideInputs } from '../../src/flow/authoring/outside-inputs.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { checkFlow } from '../../src/flow/check/check-flow.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';

/** Options that the compiler does not check. */
const on = step as unknown as (options?: object) => (method: unknown, where: unknown, descriptor?: unknown) => void;

describe('files that a step leaves out', () => {
  it.each([
    ['logs/**'],
    ['logs'],
    ['./logs/'],
    ['*.log'],
    ['**/*.{log,tmp}'],
    ['[0-9a-f].txt'],
    ['[!a-c].txt'],
    ['a\\[b.txt'],
    ['..data/x'],
    ['a..b/**'],
    ['{a,b}/[xyz]'],
    ['größe/**'],
    ['**'],
    ['node_modules/@x/y/**'],
  ])('may be %s', (glob) => {
    expect(checkOutsideInputs({ files: { exclude: [glob] } })).toEqual([]);
  });

  it.each([
    ['', 'fits nothing'],
    ['.', 'fits nothing'],
    ['./', 'fits nothing'],
    ['/', 'is absolute'],
    ['/etc/**', 'is absolute'],
    ['C:\\logs', 'is absolute'],
    ['C:logs', 'is absolute'],
    ['\\\\host\\share', 'is absolute'],
    ['file:///etc', 'is a URL'],
    ['../**', 'leads out of the project'],
    ['a/../../b', 'leads out of the project'],
    ['..', 'leads out of the project'],
    ['!logs/**', 'is an exception: there are none'],
    ['a//b', 'fits nothing'],
    ['a/./b', 'fits nothing'],
    ['[', 'has brackets that are not closed: ['],
    ['a/[b', 'has brackets that are not closed: [b'],
    ['[]', 'has an empty set in brackets: []'],
    ['[z-a].txt', 'has a set in brackets that runs backwards: [z-a]'],
    ['a]', "has a ']' without a '['; write \\] for the sign itself"],
    ['{a,b', 'has braces that are not closed'],
    ['a}', 'has braces that are not closed'],
    ['}{', 'has braces that are not closed'],
    ['a\\', 'ends with a backslash'],
  ])('may not be %j', (glob, fault) => {
    const found = checkOutsideInputs({ files: { exclude: ['fine/**', glob] } });
    expect(found).toEqual([
      [`inputs.files.exclude has '${glob}', which ${fault}`, expect.stringContaining("'logs/**'")],
    ]);
  });
});

it.each([
  [7, ['inputs is no object']],
  [null, ['inputs is no object']],
  [{ file: {} }, ["'inputs.file' is not a setting"]],
  [{ env: [] }, ['inputs.env is no object']],
  [
    { env: { exclude: 'A' }, files: { include: ['a'] } },
    ['inputs.env.exclude is no list of names', "'inputs.files.include' is not a setting"],
  ],
  [
    { env: { include: ['A=1', ''], exclude: [3] } },
    [
      "inputs.env.include has 'A=1', which is no name of a variable",
      "inputs.env.include has '', which is no name of a variable",
      'inputs.env.exclude has 3, which is no text',
    ],
  ],
  [{ env: undefined, files: { exclude: undefined } }, []],
])('finds everything that is wrong with %j', (value, messages) => {
  expect(checkOutsideInputs(value).map(([message]) => message)).toEqual(messages);
});

it('joins what the config and a step say', () => {
  const joined = joinOutsideInputs(
    { env: { exclude: ['A', 'B'] } },
    { env: { exclude: ['B'], include: ['C'] }, files: { exclude: ['x'] } },
  );
  expect(joined).toEqual({ env: { include: ['C'], exclude: ['A', 'B'] }, files: { exclude: ['x'] } });
});

it('is found wrong at the step, all at once', () => {
  class Bad extends Flow {
    @on({ inputs: { env: { exclude: [''] }, files: { exclude: ['../a', '['] }, artifacts: 'frozen' } })
    one() {}
    @on({ inputs: { artifacts: 'copied' } })
    two() {}
    @on({ inputs: 'melted' })
    three() {}
    @on({ inputs: { artifacts: 'mutable', env: { exclude: ['A'] } } })
    four() {}
  }
  const findings = checkFlow(describeFlow(Bad));
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    "VARVE_STEP_OPTION the option 'inputs' of 'one': inputs.env.exclude has '', which is no name of a variable",
    "VARVE_STEP_OPTION the option 'inputs' of 'one': inputs.files.exclude has '../a', which leads out of the project",
    expect.stringContaining(
      "VARVE_STEP_OPTION the option 'inputs' of 'one': inputs.files.exclude has '[', which has brackets that are not closed",
    ),
    "VARVE_STEP_OPTION the option 'inputs' of 'two': is \"copied\"",
    "VARVE_STEP_OPTION the option 'inputs' of 'three': is \"melted\"",
  ]);
  expect(findings.every(({ hint }) => (hint ?? '') !== '')).toBe(true);
});
