import { resolve } from 'node:path';

/** The variables of a shell, as far as they are known while its text is read. */
export class Variables {
  /** What `read` may read: words that the shell is sent. */
  sent: readonly string[] = [];
  private readonly own = new Map<string, readonly string[]>();

  /** `folder`: where the shell is started. */
  constructor(
    private readonly given: ReadonlyMap<string, string> = new Map(),
    folder?: string,
  ) {
    if (folder !== undefined) this.own.set('PWD', [folder]);
  }

  /** One value; more for the variable of a loop. An unknown one is empty. */
  get(name: string): readonly string[] {
    return this.own.get(name) ?? [this.given.get(name) ?? ''];
  }

  set(name: string, values: readonly string[]): void {
    this.own.set(name, values);
  }

  goTo(folder: string): void {
    const [from] = this.own.get('PWD') ?? [];
    if (from === undefined) return;
    const home = this.given.get('HOME') ?? '';
    this.own.set('PWD', [
      resolve(
        from,
        folder.replace(/^~(?=\/|$)/, () => home),
      ),
    ]);
  }
}

/** A value as `${name:-default}`, `${name%suffix}` and `${name#prefix}` change it; `change`: what stands behind the name. */
export function shortened(value: string, change: string): string {
  const [, given] = /^:?[-=](.*)$/s.exec(change) ?? [];
  if (given !== undefined) return value === '' ? given.replace(/["']/g, '') : value;
  const [, sign, pattern] = /^(%%?|##?)(.*)$/s.exec(change) ?? [];
  if (sign === undefined || pattern === undefined || /\*.*\*.*\*/s.test(pattern)) return value;
  return sign.startsWith('%')
    ? withoutEnd(value, fits(pattern), sign === '%%')
    : withoutStart(value, fits(pattern), sign === '##');
}

function withoutEnd(value: string, isFit: (part: string) => boolean, isLongest: boolean): string {
  const cuts = cutsOf(value);
  const at = (isLongest ? cuts : cuts.reverse()).find((cut) => isFit(value.slice(cut)));
  return value.slice(0, at);
}

function withoutStart(value: string, isFit: (part: string) => boolean, isLongest: boolean): string {
  const cuts = cutsOf(value);
  return value.slice((isLongest ? cuts.reverse() : cuts).find((cut) => isFit(value.slice(0, cut))) ?? 0);
}

/** Longer values are left as they are: each place in them is tried. */
const VALUE_MAX = 1024;

function cutsOf(value: string): number[] {
  return value.length > VALUE_MAX ? [] : Array.from({ length: value.length + 1 }, (_, at) => at);
}

function fits(pattern: string): (part: string) => boolean {
  const source = pattern
    .replace(/["'\\]/g, '')
    .replace(/[.+^${}()|[\]]/g, '\\$&')
    .replace(/\*+/g, '[^]*')
    .replaceAll('?', '[^]');
  const regex = new RegExp(`^${source}$`);
  return (part) => regex.test(part);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
};

/** The text in `$'…'`. */
export function decodeEscapes(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|([0-7]{1,3})|(.))/gis, (_, hex, unicode, octal, one) => {
    if (hex ?? unicode) return String.fromCharCode(Number.parseInt(hex ?? unicode, 16));
    return octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (ESCAPES[one] ?? one);
  });
}
