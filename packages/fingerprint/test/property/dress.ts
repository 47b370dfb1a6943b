import { Random } from '@varve/test-support';
import { extraLine, OUTSIDE, outsideFile, type Texts } from './extras.ts';

/** Lines added to the files of a program, by file and position; they change from version to version. */
export type Extras = Map<string, string>;

const MODULES = ['m0.ts', 'm1.ts', 'm2.ts', 'm3.ts'];

/** Prefix of keys that hold a whole file. */
const OUTSIDE_MARK = '/';

/** Adds or removes a declaration, statement or import in one of the files, or changes a file beside them. */
export function changeExtras(random: Random, extras: Extras): void {
  const known = [...extras.keys()];
  if (known.length > 0 && random.chance(0.3)) extras.delete(random.pick(known));
  if (random.chance(0.2)) {
    const [name, text] = outsideFile(random);
    extras.set(`${OUTSIDE_MARK}${name}`, text);
    return;
  }
  const n = random.below(4);
  extras.set(`${random.pick([...MODULES, 'barrel.ts'])} ${n}`, extraLine(random, n));
}

/** Adds code with findings, missing exports, uses of whole namespaces and moved lines to the files of a program. */
export function dress(files: Texts, extras: Extras, random: Random, look: number): Texts {
  const dressed = Object.entries(files).map(([name, text]) => {
    const [first, second] = globalsFor(name, look);
    const replaced = text
      .replaceAll('(globalThis.shared_a ?? 4)', first)
      .replaceAll('(globalThis.shared_b ?? 4)', second);
    const lines = `${headFor(name)}${replaced}`.split('\n');
    for (const [key, extra] of extras) {
      if (!key.startsWith(`${name} `)) continue;
      // The place depends on the line alone, and is not the end of the file.
      lines.splice(new Random(key.length + extra.length).below(lines.length), 0, extra);
    }
    return [name, lines.map((line) => move(line, random)).join('\n')];
  });
  const outside = [...extras].flatMap(([key, text]) => {
    return key.startsWith(OUTSIDE_MARK) ? [[key.slice(OUTSIDE_MARK.length), text]] : [];
  });
  return { ...OUTSIDE, ...Object.fromEntries([...dressed, ...outside]) };
}

function headFor(name: string): string {
  if (name === 'flow.ts' || name === 'base.ts') return `import * as all from './barrel.ts';\n`;
  return name === 'm2.ts' || name === 'm3.ts' ? `import * as all from './m0.ts';\n` : '';
}

function globalsFor(name: string, look: number): readonly [string, string] {
  const seesAll = headFor(name) !== '';
  const missing = seesAll ? 'Number(all.extra1 ?? all.extra2 ?? 4)' : '4';
  if (look === 0) return ['(Number(process.env.SHARED) || Date.now() % 2 || 4)', `Number(eval('4'))`];
  if (look === 1) return [missing, 'Math.random()'];
  return [missing, seesAll ? 'Object.keys(all).length' : '(globalThis.shared_b ?? 4)'];
}

function move(line: string, random: Random): string {
  if (random.chance(0.03)) return `// ${random.next()}\n${line}`;
  return random.chance(0.02) ? line.replace(' return ', '\n return ') : line;
}
