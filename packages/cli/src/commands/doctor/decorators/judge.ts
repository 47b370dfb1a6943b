import { type Diagnosis, ok, skipped, warning } from '../diagnosis.ts';
import type { TestFacts } from './runners.ts';

/** What vitest made of a decorated class. */
export type VitestAnswer =
  | { readonly kind: 'compiled' }
  | { readonly kind: 'left' }
  /** Each project of the tests has settings of its own in this file, relative to the folder that was looked at. */
  | { readonly kind: 'projects'; readonly config: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly message: string };

const SET_VITEST =
  'Set in vitest.config.ts: oxc: { decorator: { legacy: true } }, or experimentalDecorators in tsconfig.json. @step works either way.';

/** True when the project tests with vitest. */
export function usesVitest({ packages }: TestFacts): boolean {
  return packages.has('vitest');
}

export function judgeVitest(answer: VitestAnswer): Diagnosis {
  const check = 'vitest';
  if (answer.kind === 'compiled') return ok(check, 'vitest compiles decorators, so tests can import flows.');
  if (answer.kind === 'left') {
    const message = 'vitest leaves decorators as they are, so Node cannot read a flow that a test imports.';
    return warning(check, message, SET_VITEST);
  }
  if (answer.kind === 'projects') {
    const message = `vitest has several projects in ${answer.config}, whose settings were not looked at.`;
    return skipped(check, message, `Where the tests of a project cannot read a flow: ${SET_VITEST}`);
  }
  if (answer.kind === 'missing')
    return warning(check, 'vitest is named in package.json, but not installed.', 'npm install');
  return warning(
    check,
    `vitest could not be asked: ${answer.message}`,
    'Mend what vitest stumbles over; then run varve doctor again.',
  );
}

/** Judges the other test runners by what they are known to need. */
export function judgeOtherRunners(facts: TestFacts): Diagnosis[] {
  return [...judgeJest(facts), ...judgeNodeTest(facts)];
}

function judgeJest({ packages }: TestFacts): Diagnosis[] {
  if (!packages.has('jest')) return [];
  const known = Object.entries(JEST_TRANSFORMS).find(([name]) => packages.has(name));
  if (known === undefined) {
    const message = 'jest compiles neither TypeScript nor decorators by itself.';
    const mend = 'Install ts-jest, and set in jest.config: transform: { "\\\\.ts$": "ts-jest" }.';
    return [warning('jest', message, mend)];
  }
  const [name, needs] = known;
  return [
    skipped('jest', `jest with ${name} compiles decorators when it is set up for them; that was not tried.`, needs),
  ];
}

const JEST_TRANSFORMS: Readonly<Record<string, string>> = {
  'ts-jest': 'Where it does not: set experimentalDecorators, or a target of ES2022 or older, in tsconfig.json.',
  '@swc/jest': 'Where it does not: set jsc.parser.decorators and jsc.transform.decoratorVersion "2022-03" in .swcrc.',
  'babel-jest':
    'Where it does not: add ["@babel/plugin-proposal-decorators", { "version": "2023-11" }] to the plugins of Babel.',
};

function judgeNodeTest({ packages, scripts }: TestFacts): Diagnosis[] {
  const commands = scripts.filter((script) => /\b(?:node|tsx)\b[^&|;]*\s--test\b/.test(script));
  if (commands.length === 0) return [];
  const hasCompiler = commands.every((script) => /\b(?:tsx|ts-node|@swc-node|swc)\b/.test(script));
  if (hasCompiler) return [ok('node:test', 'The tests of node:test go through a compiler that takes decorators.')];
  const message = 'node --test takes flows in JavaScript only: Node strips types, but leaves decorators.';
  const mend = `${packages.has('tsx') ? 'Run' : 'Install tsx, and run'} node --import tsx --test, or test compiled files.`;
  return [warning('node:test', message, mend)];
}
