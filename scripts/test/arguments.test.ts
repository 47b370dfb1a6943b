import { expect, it } from 'vitest';
import { parseArguments, STAGES } from '../stages/arguments.mjs';

it('runs every stage and hands all arguments to vitest', () => {
  expect(parseArguments(['--project', 'core'])).toEqual({ stages: STAGES, vitestArgs: ['--project', 'core'] });
});

it('runs only the stages named, in their own order', () => {
  expect(parseArguments(['--only', 'vitest,lint', 'plan'])).toEqual({
    stages: ['lint', 'vitest'],
    vitestArgs: ['plan'],
  });
});

it('names the stages there are when one is unknown', () => {
  expect(() => parseArguments(['--only', 'tests'])).toThrow(/set-up, lint, types, packages, vitest, not "tests"/);
  expect(() => parseArguments(['--only'])).toThrow(/--only wants/);
});
