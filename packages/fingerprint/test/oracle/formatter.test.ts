import { format, type Options } from 'prettier';
import { expect, test } from 'vitest';
import { loadParser } from '../../src/ast/parse.ts';
import { type Deed, LINE_AT } from '../../src/summary/doing/doing.ts';
import { summarise } from '../../src/summary/summarise.ts';
import { corpusFiles } from './corpus.ts';

const ONE: Options = {
  parser: 'typescript',
  printWidth: 60,
  tabWidth: 8,
  useTabs: true,
  semi: false,
  singleQuote: true,
  quoteProps: 'consistent',
  trailingComma: 'none',
  bracketSpacing: false,
  arrowParens: 'avoid',
  objectWrap: 'collapse',
  experimentalTernaries: true,
  experimentalOperatorPosition: 'start',
  embeddedLanguageFormatting: 'off',
};
const OTHER: Options = {
  parser: 'typescript',
  printWidth: 200,
  semi: true,
  singleQuote: false,
  quoteProps: 'as-needed',
  trailingComma: 'all',
  arrowParens: 'always',
  embeddedLanguageFormatting: 'off',
};

/** Fields of a summary that depend on lines: numbers, and findings, of which there is one per line. */
const OF_LINES: ReadonlySet<string> = new Set(['line', 'hazards', 'purity']);
const bare = (value: unknown) =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (OF_LINES.has(key)) return undefined;
    return key === 'deeds' ? (inner as Deed[]).map((deed) => [...deed].toSpliced(LINE_AT[deed[0]], 1)) : inner;
  });

test('formatting a file with opposite options does not change its summary', { timeout: 1_200_000 }, async () => {
  const parse = await loadParser();
  for (const { name, text } of corpusFiles(12)) {
    const versions = [text, await format(text, ONE), await format(text, OTHER)];
    const [first, ...others] = versions.map((each) => bare(summarise(parse, each, 'ts')));
    for (const other of others) expect(other, name).toBe(first);
  }
});
