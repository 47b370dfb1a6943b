import { suggest } from './suggest.ts';

/** What counts as an input of a step outside of the run. */
export interface OutsideInputs {
  readonly env?: {
    /** Variables that count although a package reads them that are on the list of those that do not. `*` stands for any characters. */
    readonly include?: readonly string[];
    /** Variables that never count. */
    readonly exclude?: readonly string[];
  };
  readonly files?: {
    /** Globs relative to the project of files and folders that never count, e.g. `logs/**`. */
    readonly exclude?: readonly string[];
  };
}

/** Something wrong with a setting, and the way out. */
export type InputsProblem = readonly [message: string, hint: string];

const SETTINGS: Readonly<Record<keyof OutsideInputs, readonly string[]>> = {
  env: ['include', 'exclude'],
  files: ['exclude'],
};
const GLOBS =
  "Write globs relative to the project, with /: 'logs/**', '*.log', '{a,b}/*.csv'. A glob that fits a folder holds for all that is in it.";

/** Everything that is wrong with an `inputs` setting. `more`: names that it may have besides. */
export function checkOutsideInputs(value: unknown, more: readonly string[] = []): InputsProblem[] {
  if (!isObject(value)) return [['inputs is no object', "Write inputs: { files: { exclude: ['logs/**'] } }."]];
  return Object.entries(value).flatMap(([name, settings]): InputsProblem[] => {
    if (more.includes(name) || settings === undefined) return [];
    const names = Object.hasOwn(SETTINGS, name) ? SETTINGS[name as keyof OutsideInputs] : undefined;
    if (!names)
      return [
        [`'inputs.${name}' is not a setting`, suggest(name, [...more, ...Object.keys(SETTINGS)], 'settings of inputs')],
      ];
    if (!isObject(settings)) return [[`inputs.${name} is no object`, `Write ${name}: { exclude: [...] }.`]];
    return checkLists(`inputs.${name}`, settings, names);
  });
}

function checkLists(path: string, settings: object, names: readonly string[]): InputsProblem[] {
  return Object.entries(settings).flatMap(([name, list]): InputsProblem[] => {
    if (list === undefined) return [];
    if (!names.includes(name))
      return [[`'${path}.${name}' is not a setting`, suggest(name, [...names], `settings of ${path}`)]];
    if (!Array.isArray(list)) return [[`${path}.${name} is no list of names`, `Write ${name}: ['…'].`]];
    const fault = path === 'inputs.files' ? faultOfGlob : faultOfName;
    return (list as unknown[]).flatMap((one): InputsProblem[] => {
      const found = typeof one === 'string' ? fault(one) : ['is no text', "Write each as a text: ['…']."];
      return found ? [[`${path}.${name} has ${show(one)}, which ${found[0]}`, found[1] as string]] : [];
    });
  });
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}

function faultOfName(name: string): InputsProblem | undefined {
  if (name !== '' && !/[=\0\s]/.test(name)) return undefined;
  return ['is no name of a variable', "Write names of variables, with * for any characters: 'BUILD_ID', 'CACHE_*'."];
}

function faultOfGlob(glob: string): InputsProblem | undefined {
  const fault = shapeFault(glob.replace(/\/+$/, '').replace(/^(\.\/+)+/, ''), glob);
  return fault === undefined ? undefined : [fault, GLOBS];
}

function shapeFault(bare: string, glob: string): string | undefined {
  if (bare === '' || bare === '.') return glob.startsWith('/') ? 'is absolute' : 'fits nothing';
  if (/^([A-Za-z]:)?[\\/]/.test(glob) || /^[A-Za-z]:/.test(glob)) return 'is absolute';
  if (glob.startsWith('file:')) return 'is a URL';
  if (bare.startsWith('!')) return 'is an exception: there are none';
  if (bare.split('/').includes('..')) return 'leads out of the project';
  if (bare.includes('//') || bare.split('/').includes('.') || bare.includes('\0')) return 'fits nothing';
  return bracketFault(bare);
}

/** Brackets that are not closed, sets that are empty or run backwards. */
function bracketFault(glob: string): string | undefined {
  const plain = glob.replace(/\\./g, '_');
  const rest = plain.replace(/\[([^\]/]+)\]/g, (set, inner: string) => (isSet(inner) ? '_' : set));
  const set = /\[[^\]/]*\]?|\]/.exec(rest)?.[0];
  if (set !== undefined) return setFault(set);
  let open = 0;
  for (const sign of rest) {
    if (sign === '{') open++;
    if (sign === '}' && --open < 0) break;
  }
  if (open !== 0) return 'has braces that are not closed';
  return plain.endsWith('\\') ? 'ends with a backslash' : undefined;
}

function setFault(set: string): string {
  if (set === ']') return "has a ']' without a '['; write \\] for the sign itself";
  if (!set.endsWith(']')) return `has brackets that are not closed: ${set}`;
  return /^\[!?\]$/.test(set)
    ? `has an empty set in brackets: ${set}`
    : `has a set in brackets that runs backwards: ${set}`;
}

function isSet(inner: string): boolean {
  try {
    return inner !== '!' && new RegExp(`[${inner.replace(/^!/, '^')}]`) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Both together. */
export function joinOutsideInputs(one: OutsideInputs, other: OutsideInputs): OutsideInputs {
  const both = (pick: (inputs: OutsideInputs) => readonly string[] | undefined) => [
    ...new Set([...(pick(one) ?? []), ...(pick(other) ?? [])]),
  ];
  return {
    env: { include: both(({ env }) => env?.include), exclude: both(({ env }) => env?.exclude) },
    files: { exclude: both(({ files }) => files?.exclude) },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
