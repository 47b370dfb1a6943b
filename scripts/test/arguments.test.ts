import { expect, it } from 'vitest';
import { parseArguments, STAGES } from '../stages/arguments.mjs';

it('npm test runs every stage and passes all arguments on to vitest', () => {
  expect(parseArguments(['--project', 'core'])).toEqual({ stages: STAGES, vitestArgs: ['--project', 'core'] });
});

it('npm test --only runs the named stages, in their own order', () => {
  expect(parseArguments(['--only', 'vitest,lint', 'plan'])).toEqual({
    stages: ['lint', 'vitest'],
    vitestArgs: ['plan'],
  });
});

it('npm test --only lists all stages when one is unknown', () => {
  expect(() => parseArguments(['--only', 'tests'])).toThrow(/set-up, lint, types, packages, vitest, not "tests"/);
  expect(() => parseArguments(['--only'])).toThrow(/--only wants/);
});
