import { dirname, join } from 'node:path';

/** What a module names of other local files. */
const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.[^'"\n]*)['"]/g;
const ASSIGN = String.raw`\s*(?:\+\+|--|(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>]))`;
/** Names that are assigned where they are not declared; also some that are not. */
const ASSIGNED = new RegExp(
  String.raw`(?<![.\w$]|(?:const|let|var) )([A-Za-z_$][\w$]*)${ASSIGN}|(?:\+\+|--)([A-Za-z_$][\w$]*)`,
  'g',
);
/** Names in any script, and escaped: everything but spaces and signs. */
const NAME = String.raw`[^\s.,;:()[\]{}=+\-*/%&|^!?<>~]+`;
/** Also in patterns, `[this.#n] = [1]`, and in heads of loops, `for (this.#n of all)`. */
const PRIVATE_ASSIGNED = new RegExp(
  String.raw`\.#${NAME}${ASSIGN}|(?:\+\+|--)[^\s;()]*\.#|\.#[^;]*[\]}]\s*=(?![=>])|\.#${NAME}\s+(?:of|in)\s`,
);
const CONSTRUCTOR = /\n([ \t]+)constructor\([\s\S]*?\n\1\}/g;
/** A function in a constructor may run later. */
const HAS_FUNCTION =
  /=>|\bfunction\b|\bclass\b|\n\s+(?!(?:if|for|while|switch|with)\b)(?:get |set |async )?[^\s(]+\([^()]*\) \{/;
/** What stands before a function or a class that a statement of the top level declares or assigns as it is. */
const DECLARES = /^(?:var [\w$]+ = )?$/;

/** The texts of local files that Node itself has loaded in this thread. */
export class NativeTexts {
  private readonly texts = new Map<string, string>();

  /** Adds a file, and those that it imports by relative names, by what `read` gives for each; `undefined` for none. */
  add(file: string, read: (file: string) => string | undefined): void {
    if (this.texts.has(file)) return;
    const text = read(file) ?? '';
    this.texts.set(file, text);
    for (const [, name = ''] of text.matchAll(RELATIVE)) this.add(join(dirname(file), name), read);
  }

  get size(): number {
    return this.texts.size;
  }

  has(value: unknown): boolean {
    return this.textsOf(value).length > 0;
  }

  /** Those in which a function is written. */
  textsOf(value: unknown): readonly string[] {
    const source = sourceOf(value);
    return [...this.texts.values()].filter((text) => text.includes(source));
  }
}

/** The text of a compiled program, which tells its own functions from those of packages. */
export class ProgramText {
  private readonly known = new WeakMap<object, 'program' | 'native'>();

  /** Functions of nobody's, by how many native texts there were then. */
  private readonly foreign = new WeakMap<object, number>();

  constructor(
    private readonly text: string,
    private readonly native: NativeTexts = new NativeTexts(),
  ) {}

  /** True for a function or a class of the program itself. */
  isOwn(value: unknown): value is (...args: never[]) => unknown {
    if (typeof value !== 'function') return false;
    return this.originOf(value) !== undefined;
  }

  /** True for one of a local file that Node itself has loaded: nothing shows the variables of its module. */
  isNative(value: unknown): boolean {
    return typeof value === 'function' && this.originOf(value) === 'native';
  }

  private originOf(value: object): 'program' | 'native' | undefined {
    const known = this.known.get(value) ?? (this.foreign.get(value) === this.native.size ? 'foreign' : undefined);
    if (known !== undefined) return known === 'foreign' ? undefined : known;
    const origin = this.text.includes(sourceOf(value)) ? 'program' : this.native.has(value) ? 'native' : undefined;
    if (origin) this.known.set(value, origin);
    else this.foreign.set(value, this.native.size);
    return origin;
  }

  /** True when a function can be seen to use no variables but those of the top level. */
  isTopLevel(own: unknown): boolean {
    const places = this.placesOf(own);
    if (places.length === 0) return false;
    return places.every((at) => {
      const line = this.text.lastIndexOf('\n', at - 1) + 1;
      return DECLARES.test(this.text.slice(line, at));
    });
  }

  /** Names of variables that are assigned in the statements of the top level in which a function is written. */
  assignedAround(own: unknown): ReadonlySet<string> {
    const around = this.placesOf(own).map((at) => this.statementAt(at));
    if (around.length === 0) around.push(...this.native.textsOf(own));
    const found = around.flatMap((text) => [...text.matchAll(ASSIGNED)]);
    return new Set(found.map(([, before, after]) => before ?? after ?? ''));
  }

  private placesOf(own: unknown): readonly number[] {
    const source = sourceOf(own);
    const places: number[] = [];
    for (let at = this.text.indexOf(source); at >= 0; at = this.text.indexOf(source, at + 1)) places.push(at);
    return places;
  }

  /** Statements of the top level begin at the beginning of a line, and closing brackets stand there. */
  private statementAt(place: number): string {
    let start = place;
    while (start > 0 && !/[^\s})\]]/.test(this.text[start] === '\n' ? (this.text[start + 1] ?? '') : '')) start--;
    const end = this.text.slice(place).search(/\n[^\s})\]]/);
    return this.text.slice(start, end < 0 ? undefined : place + end);
  }
}

/** The text of a function or a class as it was written. */
export function sourceOf(value: unknown): string {
  return Function.prototype.toString.call(value);
}

/** True when methods of a class may assign private fields once an object is made. */
export function assignsPrivateFields(ofClass: unknown): boolean {
  const later = sourceOf(ofClass).replace(CONSTRUCTOR, (text) => (HAS_FUNCTION.test(text.slice(1)) ? text : ''));
  return PRIVATE_ASSIGNED.test(later);
}
