/** Random calls of the file system, as source. */
export const TREE = {
  'a.txt': 'hello',
  'd/b.txt': 'b\r\nb',
  'd/e/c.bin': '\u0000ü',
  link: '-> a.txt',
  folder: '-> d',
  dead: '-> no',
};
export const PATHS = [
  'a.txt',
  'd',
  'd/b.txt',
  'd/e',
  'd/e/c.bin',
  'link',
  'folder',
  'folder/b.txt',
  'dead',
  'no',
  'no/x',
  'a.txt/x',
  '.',
];

/** Calls with the arguments that may follow their paths, as source. */
const READS: Readonly<Record<string, readonly string[]>> = {
  readFile: ['', `'utf8'`, `{ encoding: 'hex' }`, `'latin1'`, `'nonsense'`],
  stat: ['', '{ bigint: true }', '{ throwIfNoEntry: false }'],
  lstat: ['', '{ bigint: true }'],
  access: ['', 'fs.constants.R_OK', 'fs.constants.X_OK', '99'],
  readdir: [
    '',
    `'buffer'`,
    '{ withFileTypes: true }',
    '{ recursive: true }',
    '{ recursive: true, withFileTypes: true }',
  ],
  realpath: ['', `'buffer'`],
  readlink: ['', `'buffer'`],
  opendir: [''],
};
const ONE: Readonly<Record<string, readonly string[]>> = {
  ...READS,
  readFile: [`{ flag: 'r+' }`, `{ flag: 'a+' }`],
  writeFile: [`'new'`, `Buffer.from('new')`, `'new', { flag: 'wx' }`, `'new', { flag: 'a' }`, 'undefined'],
  appendFile: [`'more'`],
  mkdir: ['', '{ recursive: true }', '0o700'],
  rm: ['', '{ force: true }', '{ recursive: true }', '{ recursive: true, force: true }'],
  rmdir: [''],
  unlink: [''],
  truncate: ['', '2'],
  chmod: ['0o644'],
  utimes: ['1, 2'],
  open: ['', `'r'`, `'w'`, `'a+'`, `'wx'`, `'nonsense'`, 'fs.constants.O_RDWR'],
};
const TWO: Readonly<Record<string, readonly string[]>> = {
  copyFile: ['', 'fs.constants.COPYFILE_EXCL'],
  rename: [''],
  link: [''],
  symlink: [''],
  cp: ['', '{ recursive: true }', '{ recursive: true, filter: (one) => !one.endsWith("b.txt") }'],
};

/** Leaves what the calls did in `result`, without what differs from one place and time to another. */
export const RECORD = `
import { isDeepStrictEqual, types } from 'node:util';
const result = [];
export { result };
const clean = (text) => text.replaceAll(ROOT, 'ROOT');
function plainly(value) {
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'bigint') return String(value) + 'n';
  if (typeof value === 'number' || typeof value !== 'object' || value === null) return typeof value;
  if (value instanceof Uint8Array) return clean(value.toString('latin1'));
  if (Array.isArray(value)) return value.map(plainly).sort();
  const kind = value.constructor.name;
  if ('mtimeMs' in value) return [kind, plainly(value.isFile() ? value.size : 0), value.isFile(), value.isDirectory(), typeof value.size];
  if (kind === 'Dirent') return [kind, clean(String(value.name)), value.isFile(), value.isDirectory(), value.isSymbolicLink()];
  return kind;
}
function fault(error) {
  const { name, code, syscall, errno, path: at, dest } = error;
  return [name, code, syscall, errno, clean(error.message), at && clean(String(at)), dest && clean(String(dest)),
    clean(error.stack).split('\\n')[0], Object.keys(error).join(), error.constructor.name];
}
async function close(value) {
  if (typeof value === 'number') fs.closeSync(value);
  else if (typeof value?.close === 'function') await value.close();
}
// Some versions of Node throw where nobody can catch it, e.g. for paths that are bytes.
const UNCAUGHT = 'uncaught';
let fail = () => {};
process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => fail(error));
// cp looks at both of its paths at once: either may be the one that it complains of.
async function attempt(call, isRacing = false) {
  let value;
  const uncaught = new Promise((done) => { fail = () => done(UNCAUGHT); });
  try {
    const given = call();
    const kind = types.isPromise(given) ? 'promise' : 'value';
    value = await Promise.race([given, uncaught]);
    result.push([kind, plainly(value)]);
  } catch (error) {
    result.push(['error', isRacing ? '' : fault(error)]);
  }
  await close(value);
}
const back = (name, ...args) => new Promise((done, fail) => {
  fs[name](...args, function (...values) {
    result.push(['called back', values.length, typeof this]);
    values[0] ? fail(values[0]) : done(values[1]);
  });
});
`;

/** `readsOnly`: no calls that change anything. */
export function calls(seed: number, count: number, readsOnly = false): string {
  const random = numbers(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const path = () =>
    pick([
      `ROOT + '/${pick(PATHS)}'`,
      `pathToFileURL(ROOT + '/${pick(PATHS)}')`,
      `Buffer.from(ROOT + '/${pick(PATHS)}')`,
    ]);
  const line = () => {
    const isOne = readsOnly || random(4) > 0;
    const [name, ends] = pick(Object.entries(readsOnly ? READS : isOne ? ONE : TWO));
    // A circle of links makes Node list for ever, and a folder copied into itself makes it copy for ever.
    const text = `ROOT + '/${pick(isOne ? PATHS : ['a.txt', 'd/b.txt', 'd/e', 'no', 'no/x'])}'`;
    const args = isOne ? [pick([text, path()])] : [text, `ROOT + '/${pick(PATHS)}'`];
    const all = [...args, pick(ends)].filter((one) => one !== '').join(', ');
    const forms = [
      `fs.${name}Sync(${all})`,
      `fsp.${name}(${all})`,
      `back('${name}', ${all})`,
      `promisify(fs.${name})(${all})`,
    ];
    return `await attempt(() => ${pick(forms)}, ${name === 'cp'});`;
  };
  return Array.from({ length: count }, line).join('\n');
}

/** The same numbers below a bound for the same seed. */
export function numbers(seed: number): (bound: number) => number {
  let state = seed * 2654435761 + 1;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
