import { StoreError, VarveError } from '@varve/core/contract';
import { expect, it } from 'vitest';
import { createProgram } from '../src/commands/program.ts';
import { ERROR_GROUPS } from '../src/error-codes/index.ts';
import { EXIT, exitCodeOf } from '../src/exit-codes.ts';
import { renderError, renderStoredError } from '../src/print/error.ts';
import { paintWith } from '../src/print/format.ts';
import { Project } from './support/project.ts';

const bare = paintWith(false);
const FLOW = "import { Flow, step } from 'varve';\nexport default class One extends Flow { @step() only() {} }\n";

it('the exit code of a command is that of the error code in the table', async () => {
  const codeOf = (code: string) => exitCodeOf(new VarveError(code, 'x'));
  expect(await codeOf('VARVE_USAGE')).toBe(EXIT.usage);
  expect(await codeOf('VARVE_FLOW_INVALID')).toBe(EXIT.flow);
  expect(await codeOf('VARVE_CONFIG')).toBe(EXIT.setup);
  expect(await codeOf('VARVE_NO_RUN')).toBe(EXIT.notFound);
  expect(await codeOf('VARVE_TIMEOUT')).toBe(EXIT.failed);
});

it('the exit code is 4 for errors of stores and codes of plugins, 1 for any other error', async () => {
  expect(await exitCodeOf(new StoreError('no-space', 'full'))).toBe(EXIT.setup);
  expect(await exitCodeOf(new VarveError('ACME_LOST', 'x'))).toBe(EXIT.setup);
  expect(await exitCodeOf(new VarveError('constructor', 'x'))).toBe(EXIT.setup);
  expect(await exitCodeOf(new TypeError('x'))).toBe(EXIT.failed);
});

it('an error of a store is shown with its remedy, before a run and in a step', () => {
  const lines = ['fs:/data is full  VARVE_STORE_NO_SPACE', '→ Free space where the store lies'];
  const message = 'fs:/data is full';
  const shown = [
    renderError(new StoreError('no-space', message), bare, false),
    renderStoredError({ name: 'StoreError', message, code: 'no-space' }, bare).join('\n'),
  ];
  for (const text of shown) for (const line of lines) expect(text).toContain(line);
});

it('an error that only has the name of a store error is shown unchanged', () => {
  const text = renderStoredError({ name: 'StoreError', message: 'sold out', code: 'E42' }, bare).join('\n');
  expect(text).toBe('StoreError: sold out  E42');
});

it('the remedies mention only existing commands', () => {
  const commands = createProgram(() => {}).commands.map((command) => command.name());
  const texts = ERROR_GROUPS.flatMap(({ about, entries }) => [
    about,
    ...Object.values(entries).flatMap(({ meaning, remedy }) => [meaning, remedy]),
  ]);
  const named = texts.flatMap((text) => [...text.matchAll(/`varve ([a-z-]+)/g)].map(([, name]) => name));
  expect(named).toContain('check');
  expect(named.filter((name) => !commands.includes(name ?? ''))).toEqual([]);
});

it('a missing store package is distinguished from one that fails to load', async () => {
  const project = new Project({
    'flow.ts': FLOW,
    'broken.mjs': "import './gone.mjs';\nexport default () => {};",
  });
  const runWith = (store: string) => project.varve(['run', 'flow.ts', '--store', store]);
  for (const [store, code, said] of [
    ['acme-store', 'VARVE_PLUGIN_NOT_FOUND', 'npm install acme-store'],
    ['./gone.mjs', 'VARVE_PLUGIN_NOT_FOUND', 'there is no such file'],
    ['./broken.mjs', 'VARVE_CONFIG', 'gone.mjs'],
  ] as const) {
    const result = await runWith(store);
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(said);
    expect(result.code).toBe(EXIT.setup);
  }
});

it('an unusable .varve folder is reported, also when a part of it exists', async () => {
  const project = new Project({
    'flow.ts': FLOW,
    '.varve/.gitignore': '*',
    '.varve/build': 'a file in the place of the folder',
  });
  const result = await project.varve(['run', 'flow.ts']);
  expect(result.stderr).toContain('VARVE_STATE_DIR');
  expect(result.code).toBe(EXIT.setup);
});
