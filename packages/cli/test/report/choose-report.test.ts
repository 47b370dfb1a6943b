import { expect, test } from 'vitest';
import { chooseReport, type ReportContext } from '../../src/report/choose-report.ts';

const TERMINAL: ReportContext = { isTTY: true, columns: 80, env: { TERM: 'xterm-256color' }, options: {} };
const PIPE: ReportContext = { ...TERMINAL, isTTY: false, columns: undefined };

function signs(
  base: ReportContext,
  env: ReportContext['env'],
  options: ReportContext['options'] = {},
  columns = base.columns,
): ReportContext {
  return { ...base, columns, env: { ...base.env, ...env }, options };
}

test.each<[string, ReportContext, string, boolean]>([
  ['a terminal', TERMINAL, 'live', true],
  ['a pipe', PIPE, 'plain', false],
  ['a dumb terminal', signs(TERMINAL, { TERM: 'dumb' }), 'plain', false],
  ['CI with a terminal', signs(TERMINAL, { CI: '1' }), 'plain', true],
  ['CI=false', signs(TERMINAL, { CI: 'false' }), 'live', true],
  ['GitHub', signs(PIPE, { CI: 'true', GITHUB_ACTIONS: 'true' }), 'github', false],
  ['NO_COLOR in a terminal', signs(TERMINAL, { NO_COLOR: '1' }), 'live', false],
  ['an empty NO_COLOR', signs(TERMINAL, { NO_COLOR: '' }), 'live', true],
  ['FORCE_COLOR in a pipe', signs(PIPE, { FORCE_COLOR: '1' }), 'plain', true],
  ['FORCE_COLOR=0 in a terminal', signs(TERMINAL, { FORCE_COLOR: '0' }), 'live', false],
  ['NO_COLOR against FORCE_COLOR', signs(TERMINAL, { NO_COLOR: '1', FORCE_COLOR: '1' }), 'live', false],
  ['--quiet in a terminal', signs(TERMINAL, {}, { quiet: true }), 'plain', true],
  ['a terminal of 12 columns', signs(TERMINAL, {}, {}, 12), 'plain', true],
  ['a terminal that hides its size', signs(TERMINAL, {}, {}, 0), 'live', true],
  ['--json in a terminal', signs(TERMINAL, {}, { json: true }), 'json', false],
  ['--json on GitHub', signs(PIPE, { GITHUB_ACTIONS: 'true' }, { json: true }), 'json', false],
  ['--reporter plain in a terminal', signs(TERMINAL, {}, { reporter: 'plain' }), 'plain', true],
  ['--reporter live in CI', signs(TERMINAL, { CI: '1' }, { reporter: 'live' }), 'live', true],
  ['--reporter github in a pipe', signs(PIPE, {}, { reporter: 'github' }), 'github', false],
  ['--reporter auto', signs(TERMINAL, {}, { reporter: 'auto' }), 'live', true],
  ['VARVE_REPORTER', signs(TERMINAL, { VARVE_REPORTER: 'json' }), 'json', false],
  [
    '--reporter against VARVE_REPORTER',
    signs(TERMINAL, { VARVE_REPORTER: 'json' }, { reporter: 'plain' }),
    'plain',
    true,
  ],
  ['--json and --reporter json', signs(PIPE, {}, { json: true, reporter: 'json' }), 'json', false],
])('the chosen reporter: %s', (_, given, reporter, colour) => {
  expect(chooseReport(given)).toEqual({ reporter, colour });
});

test.each<[string, ReportContext, string]>([
  ['an unknown reporter', signs(PIPE, {}, { reporter: 'fancy' }), '--reporter fancy: there is no such reporter'],
  [
    'an unknown VARVE_REPORTER',
    signs(PIPE, { VARVE_REPORTER: 'fancy' }),
    'VARVE_REPORTER=fancy: there is no such reporter',
  ],
  ['live in a pipe', signs(PIPE, {}, { reporter: 'live' }), 'the live reporter needs a terminal'],
  [
    'live in a dumb terminal',
    signs(TERMINAL, { TERM: 'dumb' }, { reporter: 'live' }),
    'the live reporter needs a terminal',
  ],
  ['--json with another reporter', signs(PIPE, {}, { json: true, reporter: 'plain' }), 'two different things'],
])('the choice of a reporter is refused: %s', (_, given, message) => {
  expect(() => chooseReport(given)).toThrow(
    expect.objectContaining({ code: 'VARVE_USAGE', message: expect.stringContaining(message) }),
  );
});
