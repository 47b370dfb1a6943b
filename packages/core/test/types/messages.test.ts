import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const EXPECTED = /^\s*\/\/ @ts-expect-error (.*)$/;

const FILES = ['correct-flow.ts', 'wrong-flows.ts'];

/** Compiles flows like a user's own, without the `@ts-expect-error` comments, so that the messages are seen. */
function compile(config: string): { readonly file: string; readonly line: number; readonly text: string }[] {
  const read = ts.readConfigFile(`${folder}${config}`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, folder);
  const host = ts.createCompilerHost(options);
  const ordinary = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) => {
    if (!path.startsWith(folder)) return ordinary(path, ...rest);
    const text = readFileSync(path, 'utf8').replaceAll('@ts-expect-error', 'expected:');
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  };
  const roots = FILES.map((file) => `${folder}${file}`);
  return ts.getPreEmitDiagnostics(ts.createProgram(roots, options, host)).map((d) => ({
    file: d.file?.fileName.slice(folder.length) ?? '',
    line: d.file && d.start !== undefined ? d.file.getLineAndCharacterOfPosition(d.start).line + 1 : 0,
    text: ts.flattenDiagnosticMessageText(d.messageText, '\n'),
  }));
}

describe.each(['tsconfig.standard.json', 'tsconfig.legacy.json'])('the compiler with %s', (config) => {
  it('accepts a correct flow, and reports each mistake of a wrong one once, with a message that describes it', () => {
    const lines = readFileSync(`${folder}wrong-flows.ts`, 'utf8').split('\n');
    const expected = lines.flatMap((text, i) => {
      const [, words] = EXPECTED.exec(text) ?? [];
      return words === undefined ? [] : [{ line: i + 2, words }];
    });
    const found = compile(config);
    expect(found.filter((f) => f.file !== 'wrong-flows.ts')).toEqual([]);
    expect(found.map((f) => f.line)).toEqual(expected.map((e) => e.line));
    for (const [i, { words }] of expected.entries()) expect(found[i]?.text).toContain(words);
  }, 60_000);
});
