import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { show, spread } from './measure.mjs';

/**
 * What observing costs a flow's file that reads 10,000 small files once: CPU time of the same code with functions of Node
 * that are wrapped and those that are not, in one process, in turn. Usage: node bench/observe-files.mjs [rounds]
 */
const FILES = 10_000;
const rounds = Number(process.argv[2] ?? 15);
const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-observe-')));
const runtime = fileURLToPath(new URL('../packages/runtime/', import.meta.url));

/** Code that reads all files with `fs`, which is the observed module or a copy of what it was. */
const WAYS = {
  'readFileSync, text': `for (const file of files) total += fs.readFileSync(file, 'utf8').length;`,
  'readFileSync, bytes': 'for (const file of files) total += fs.readFileSync(file).length;',
  'promises.readFile': `for (let at = 0; at < files.length; at += 50)
    for (const text of await Promise.all(files.slice(at, at + 50).map((file) => fs.promises.readFile(file, 'utf8')))) total += text.length;`,
  existsSync: 'for (const file of files) total += fs.existsSync(file) ? 1 : 0;',
  statSync: 'for (const file of files) total += fs.statSync(file).size;',
};

try {
  for (let at = 0; at < FILES; at++) {
    mkdirSync(join(root, `d${at % 100}`), { recursive: true });
    writeFileSync(join(root, `d${at % 100}`, `f${at}.txt`), `line ${at}\n`.repeat(100));
  }
  const run = await openRunner();
  for (const [name, code] of Object.entries(WAYS)) await measure(run, name, code);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** @param {(code: string, isObserved: boolean) => Promise<number>} run @param {string} name @param {string} code */
async function measure(run, name, code) {
  /** @type {[number, number][]} */
  const pairs = [];
  for (let round = -3; round < rounds; round++) {
    /** @type {[number, number]} */
    const pair = [await run(code, true), await run(code, false)];
    if (round >= 0) pairs.push(pair);
  }
  const [ours, plain] = [spread(pairs.map(([a]) => a)), spread(pairs.map(([, b]) => b))];
  const ratio = spread(pairs.map(([a, b]) => a / b));
  console.log(`${name}: ${show(ours)} ms observed, ${show(plain)} ms plain, ratio ${show(ratio, 2)}`);
}

/** The observers are inside of a package: they are bundled as its tests do, with the functions of Node as they were. */
async function openRunner() {
  const { build } = createRequire(join(runtime, '../loader/package.json'))('esbuild');
  const outfile = join(root, '.varve/runner.mjs');
  const contents = `export { installFiles } from './src/observe/files/index.ts'; export { flowCalls } from '@varve/core/internal';`;
  await build({
    stdin: { contents, resolveDir: runtime, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const { installFiles, flowCalls } = await import(pathToFileURL(outfile).href);
  let count = 0;
  /** @param {string} code @param {boolean} isObserved */
  return async (code, isObserved) => {
    if (isObserved && count === 0) installFiles({ root, own: [join(root, '.varve')] });
    const file = join(root, `.varve/code-${count++}.mjs`);
    const names = `const files = Array.from({ length: ${FILES} }, (_, at) => ${JSON.stringify(root)} + '/d' + (at % 100) + '/f' + at + '.txt');`;
    writeFileSync(file, `import fs from 'node:fs'; let total = 0; ${names} ${code} export { total };`);
    const before = process.cpuUsage();
    if (isObserved) await flowCalls.loaded({ bundle: pathToFileURL(file).href });
    else await import(pathToFileURL(file).href);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
