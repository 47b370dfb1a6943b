import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AmbientInputs, ambientInputs, unobserved } from '@varve/core/internal';
import { onTextRead } from '../../shared/disguise.ts';
import { readFileSync } from '../../shared/originals.ts';

/** The compiler writes the path of each file above its code, without the root of the file system. */
const FILE = /^\/\/ (.+)$/gm;

/**
 * Notes whose text code reads by `toString()` of a function: names of parameters and comments in it count for nobody else,
 * so the file in which the function is written is read.
 */
export class FunctionTexts {
  private readonly bundles = new WeakMap<AmbientInputs, string>();
  private readonly texts = new Map<string, string>();

  /** `top` is the root of the file system in which the project lies. */
  constructor(
    private readonly top: string,
    private readonly noteFile: (inputs: AmbientInputs, path: string) => void,
  ) {}

  install(): void {
    onTextRead((source) => {
      const inputs = ambientInputs();
      if (inputs === undefined || source.endsWith('{ [native code] }')) return;
      const files = unobserved(() => this.filesOf(source, this.programsOf(inputs)));
      for (const file of files) this.noteFile(inputs, file);
    });
  }

  /** Call it before each task of a program begins, whose file `bundle` is. */
  begin(bundle: string, inputs: AmbientInputs): void {
    this.bundles.set(inputs, bundle);
  }

  /** While a flow is loaded, its program is among the files that run. */
  private programsOf(inputs: AmbientInputs): readonly string[] {
    const bundle = this.bundles.get(inputs);
    if (bundle !== undefined) return [bundle];
    const stack = compiledStack();
    return [...new Set([...stack.matchAll(/(file:\/\/[^\s()]+?\.m?js)(?=[?:])/g)].map(([, url = '']) => url))];
  }

  /** Files of the project in whose compiled code a text is; a function of a package is in none. */
  private filesOf(source: string, programs: readonly string[]): readonly string[] {
    const found = new Set<string>();
    for (const program of programs) {
      const text = this.textOf(program);
      for (let at = text.indexOf(source); at >= 0; at = text.indexOf(source, at + 1)) {
        const names = [...text.slice(0, at).matchAll(FILE)].map(([, name = '']) => resolve(this.top, name));
        const file = names.findLast((name) => existsSync(name));
        if (file !== undefined) found.add(file);
      }
    }
    return [...found];
  }

  private textOf(program: string): string {
    const known = this.texts.get(program);
    if (known !== undefined) return known;
    const text = readFileSync(program.startsWith('file:') ? fileURLToPath(program) : program, 'utf8');
    this.texts.set(program, text);
    return text;
  }
}

/** The stack by the names of compiled files. */
function compiledStack(): string {
  const { sourceMapsEnabled } = process;
  const limit = Error.stackTraceLimit;
  process.setSourceMapsEnabled(false);
  Error.stackTraceLimit = 100;
  const { stack = '' } = new Error('where the text is read');
  Error.stackTraceLimit = limit;
  process.setSourceMapsEnabled(sourceMapsEnabled);
  return stack;
}
