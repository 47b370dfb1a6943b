import { sep } from 'node:path';
import { decodeEscapes, shortened, Variables } from './variables.ts';

/** A word of a shell's text, without its quotes. */
export interface ShellWord {
  readonly text: string;
  /** True for a file that output is sent to. */
  readonly isOutput: boolean;
  /** True when the shell puts the names of files in its place. */
  readonly isPattern: boolean;
}

/** The commands in a shell's text, those in `$(…)` too. Sets the variables that the text sets; control words are words. */
export function parseScript(script: string, variables = new Variables()): ShellWord[][] {
  const reader = new ScriptReader(variables);
  for (const { 0: token, groups = {} } of script.matchAll(TOKENS)) reader.take(token, groups);
  reader.endCommand();
  return [...reader.commands, ...reader.inner.flatMap((text) => parseScript(text, variables))];
}

const ESCAPE = sep === '/' ? String.raw`\\(?<escaped>.)` : '(?<escaped>(?!))';
const FOLDER = /\$\(\s*pwd\s*\)|`\s*pwd\s*`/g;
/** A variable, also with a default or without a part of it, or what stands for the folder. */
const VARIABLE = String.raw`\$\{(?<braced>\w+)(?<change>[^}\w][^}]*)?\}|\$(?<plain>\w+)|(?<folder>${FOLDER.source})`;
const TOKENS = new RegExp(
  [
    ESCAPE,
    String.raw`\$'(?<ansi>(?:\\.|[^'\\])*)'`,
    `'(?<single>[^']*)'`,
    String.raw`"(?<double>(?:\\.|[^"\\])*)"`,
    String.raw`(?<output>(?:&|(?<![^\s;&|(])\d)?>[>|&]?)`,
    VARIABLE,
    String.raw`(?<end>\$\(|[;&|()\n${'`'}])`,
    String.raw`(?<space>[\s<]+|["'])`,
    String.raw`[^\s;&|()<>${'`'}"'$\\]+|.`,
  ].join('|'),
  'gs',
);

const IN_QUOTES = new RegExp(String.raw`\\([$${'`'}"\\])|${VARIABLE}`, 'gs');

type Groups = { readonly [name: string]: string | undefined };

class ScriptReader {
  readonly commands: ShellWord[][] = [];
  readonly inner: string[] = [];
  private words: ShellWord[] = [];
  /** What the word may be: more than one text for a variable of a loop. */
  private texts: readonly string[] | undefined;
  private isOutput = false;
  private isPattern = false;

  constructor(private readonly variables: Variables) {}

  take(token: string, groups: Groups): void {
    const { ansi, escaped, single, double, output, end, space } = groups;
    if (end !== undefined) return this.endCommand();
    if (space !== undefined) return this.endWord();
    if (output !== undefined) {
      this.endWord();
      this.isOutput = true;
    } else if (escaped !== undefined) this.add([escaped === '\n' ? '' : escaped]);
    else if (ansi !== undefined) this.add([decodeEscapes(ansi)]);
    else if (single !== undefined) this.add([single]);
    else if (double !== undefined) this.addQuoted(double);
    else if (isVariable(groups)) this.add(this.valuesOf(groups));
    else this.addPlain(token);
  }

  endCommand(): void {
    this.endWord();
    const texts = this.words.map(({ text }) => text);
    const [first, second, third, ...rest] = texts;
    if (first === 'for' && second !== undefined && third === 'in') this.variables.set(second, rest);
    if (this.variables.sent.length > 0) this.read(texts);
    if (first === 'cd') this.variables.goTo(second ?? '~');
    if (this.words.length > 0) this.commands.push(this.words);
    this.words = [];
  }

  /** `read a`, also as the condition of a loop. */
  private read(texts: readonly string[]): void {
    const at = texts.indexOf('read');
    if (at < 0 || at > 3) return;
    for (const name of texts.slice(at + 1)) this.variables.set(name, this.variables.sent);
  }

  private endWord(): void {
    const { texts, isOutput, isPattern } = this;
    if (texts === undefined) return;
    for (const text of texts) {
      const [, name, value = ''] = this.words.length === 0 ? (/^(\w+)=(.*)$/s.exec(text) ?? []) : [];
      if (name !== undefined) this.variables.set(name, [value]);
      if (text !== '') this.words.push({ text, isOutput, isPattern });
    }
    this.texts = undefined;
    this.isOutput = false;
    this.isPattern = false;
  }

  private add(more: readonly string[]): void {
    this.texts = joined(this.texts ?? [''], more);
  }

  private addPlain(token: string): void {
    if (/[*?[{]/.test(token)) this.isPattern = true;
    const isHome = this.texts === undefined && /^~(\/|$)/.test(token);
    this.add(isHome ? joined(this.variables.get('HOME'), [token.slice(1)]) : [token]);
  }

  private addQuoted(text: string): void {
    const inner = text.replace(FOLDER, '');
    if (/\$\(|`/.test(inner)) this.inner.push(inner);
    let at = 0;
    for (const match of text.matchAll(IN_QUOTES)) {
      const { index, 0: whole, 1: escaped, groups = {} } = match;
      this.add([text.slice(at, index)]);
      this.add(escaped === undefined ? this.valuesOf(groups) : [escaped]);
      at = index + whole.length;
    }
    this.add([text.slice(at)]);
  }

  private valuesOf({ braced, plain, change, folder }: Groups): readonly string[] {
    if (folder !== undefined) return this.variables.get('PWD');
    const values = this.variables.get(braced ?? plain ?? '');
    const given = change === undefined ? values : values.map((value) => shortened(value, change));
    if (given.some((value) => /^\S*[*?[]\S*$/.test(value))) this.isPattern = true;
    return given;
  }
}

function isVariable({ braced, plain, folder }: Groups): boolean {
  return (braced ?? plain ?? folder) !== undefined;
}

/** Texts beyond which a word is not told apart further. */
const TEXTS_MAX = 200;

function joined(starts: readonly string[], ends: readonly string[]): readonly string[] {
  return starts.flatMap((start) => ends.map((end) => start + end)).slice(0, TEXTS_MAX);
}
