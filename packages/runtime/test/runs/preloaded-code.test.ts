import { expect, it } from 'vitest';
import { preloadsOf } from '../../src/runs/preloaded-code.ts';

it.each([
  ['-r ./a.cjs', [], ['./a.cjs']],
  ['--require=./a.cjs --max-old-space-size=100', [], ['./a.cjs']],
  ['--import tsx', ['--require', 'b'], ['tsx', 'b']],
  ['--import="./a b.mjs" -r "c \\"d\\".cjs"', [], ['./a b.mjs', 'c "d".cjs']],
  ['', ['--import=data:text/javascript,globalThis.x=1', '--no-warnings'], ['data:text/javascript,globalThis.x=1']],
  [undefined, ['--enable-source-maps'], []],
])('knows what NODE_OPTIONS=%s and %j load first', (options, execArgv, names) => {
  expect(preloadsOf({ execArgv, env: { NODE_OPTIONS: options } })).toEqual(names);
});
