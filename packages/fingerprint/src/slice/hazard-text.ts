import type { Hazard } from '@varve/core/contract';
import type { Finding } from '../summary/summary.ts';

const PROJECT = 'so the step depends on every source file of the project';

type Describe = (detail: string) => string;

const TEXTS: Readonly<Record<string, Describe>> = {
  'computed-import': (what) =>
    `${what} loads a file whose name is not written out, ${PROJECT}. Import by a literal name.`,
  'computed-folder': (folder) =>
    `Any file in ${folder} may be loaded, so the step depends on all of them. Import the ones you need by name.`,
  'computed-path': (what) =>
    `${what} names a file by an expression, so changes of that file are not seen. Write the name out, or take the file as a param.file().`,
  eval: (what) => `${what} runs code made of text, ${PROJECT}. Call a function instead.`,
  with: () => `A with statement hides which names are meant, ${PROJECT}. Name the object.`,
  vm: (what) => `${what} runs code made of text, ${PROJECT}. Import the code instead.`,
  'other-process': (what) => `${what} runs a file that is not followed, ${PROJECT}. Make it a step of its own.`,
  'this-escapes': () =>
    'The flow itself is handed on or asked for a computed name, so the step depends on every member of the class. Hand on the values it needs.',
  'unknown-base': (what) =>
    `The base class of ${what} cannot be followed, so every step depends on every member. Extend Flow or a class of your own by name.`,
  'syntax-error': (what) =>
    `This file cannot be parsed (${what}), so every step depends on all of its text. Mend the syntax.`,
  'unknown-syntax': (what) =>
    `This file uses syntax that is not understood (${what}), so every step depends on all of its text. Move that code to a file of its own.`,
  'no-parser': (what) =>
    `There is no parser for this platform (${what}), so every step depends on all of every file. Install the package oxc-parser with its optional dependencies.`,
  commonjs: () => 'A CommonJS file is taken whole, and so is all that it requires. Write it as an ES module.',
  unresolved: (what) => `${what} leads nowhere that is known, so changes behind it are not seen. Mend the import.`,
  'computed-env': () =>
    'The environment is read by a name that is not written out, so any variable may matter. Write process.env.NAME.',
  native: (what) =>
    `${what} is a native addon, so its result may differ between machines. Keep the cache to one kind of machine.`,
  'runtime-class': (what) =>
    `The class ${what} is not written in the flow's file but made while it is loaded, so every step depends on all code of the flow, and what the class was made from is not seen. Write the class in the flow's file, or give its steps cache: { version }: without it they are not cached.`,
  widened: (what) =>
    `The code of this step could not be followed (${what}), so it depends on all code of the flow. Please report this.`,
};

/** A hazard with what it costs and how to mend it. */
export function toHazard({ kind, line, detail = '' }: Finding, file: string): Hazard {
  const describe = TEXTS[kind];
  return { kind, file, line, message: describe ? describe(detail) : `${kind} ${detail}`.trim() };
}
