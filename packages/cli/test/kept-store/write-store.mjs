/**
 * Writes `fixtures/store` anew with the `varve` of a checkout that is installed and built:
 *
 *     node packages/cli/test/kept-store/write-store.mjs <checkout>
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));
/** Lets the first run begin on 1 January 2025. In ms. */
const CLOCK_BEHIND = Date.now() - Date.parse('2025-01-01T00:00:00Z');
const NEUTRAL_HOST = new URL('neutral-host.mjs', import.meta.url).href;
const checkout = process.argv[2];
if (checkout === undefined) throw new Error('usage: node packages/cli/test/kept-store/write-store.mjs <checkout>');
const packages = resolve(checkout, 'packages');

// Not a random name: stacks of failed steps contain it.
const root = join(tmpdir(), 'varve-kept');
mkdirSync(root);
try {
  installProject();
  await writeKept();
  await writeStopped();
  await writeRepeated();
  rmSync(join(FIXTURES, 'store'), { recursive: true, force: true });
  // The one would hide the store from git, the other is the place of half-written files.
  const isKept = (/** @type {string} */ file) => !/[\\/](\.gitignore|~tmp)$/.test(file);
  cpSync(join(root, '.varve/store'), join(FIXTURES, 'store'), { recursive: true, filter: isKept });
  refuseTraces(join(FIXTURES, 'store'));
} finally {
  rmSync(root, { recursive: true, force: true });
}

function installProject() {
  cpSync(join(FIXTURES, 'project'), root, { recursive: true });
  mkdirSync(join(root, 'node_modules/@varve'), { recursive: true });
  cpSync(join(root, 'tiny'), join(root, 'node_modules/tiny'), { recursive: true });
  symlinkSync(join(packages, 'cli'), join(root, 'node_modules/varve'));
  symlinkSync(join(packages, 'core'), join(root, 'node_modules/@varve/core'));
}

async function writeKept() {
  write('ready');
  await varve(0, 'run', 'kept.ts', '--note', 'note.txt', '--tag', 'kind=nightly', '--tag', 'first');
  remove('ready');
  await varve(1, 'run', 'kept.ts', '--note', 'note.txt', '--factor', '5');
  await varve(0, 'pin', 'Kept/1', '--reason', 'in the paper');
}

async function writeStopped() {
  write('broken');
  await varve(1, 'run', 'stopped.ts');
  remove('broken');
  await varve(0, 'resume', 'Stopped/1', '--tag', 'again');
  write('hang');
  const run = start('run', 'stopped.ts', '--json');
  let printed = '';
  for await (const text of run.stdout) {
    printed += text;
    // Printed events have been written: the two tasks before and two of the three elements.
    if ((printed.match(/"type":"task-ended"/g)?.length ?? 0) >= 4) run.kill('SIGKILL');
  }
}

async function writeRepeated() {
  await varve(0, 'run', 'repeated.ts');
  await varve(0, 'run', 'repeated.ts', '--force', 'second');
  await varve(0, 'run', 'repeated.ts', '--broken');
  await varve(0, 'cache', 'invalidate', 'Repeated/1/first', '--why', 'wrong data');
}

/** @param {number} code Expected. @param {readonly string[]} args */
async function varve(code, ...args) {
  const child = start(...args);
  child.stdout.pipe(process.stdout);
  const ended = await new Promise((done) => child.on('close', done));
  if (ended !== code) throw new Error(`varve ${args.join(' ')} ended with ${ended}, expected was ${code}`);
}

/** @param {readonly string[]} args */
function start(...args) {
  return spawn(process.execPath, ['--import', NEUTRAL_HOST, join(packages, 'cli/bin/varve.js'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, NO_COLOR: '1', TZ: 'UTC', KEPT_MODE: 'kept', KEPT_CLOCK_BEHIND: `${CLOCK_BEHIND}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** @param {string} file */
function write(file) {
  writeFileSync(join(root, file), '');
}

/** @param {string} file */
function remove(file) {
  rmSync(join(root, file));
}

/** Throws when a stored object names this machine. @param {string} store */
function refuseTraces(store) {
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => join(entry.parentPath, entry.name))) {
    const text = readFileSync(file, 'latin1');
    for (const trace of [packages, homedir(), hostname()])
      if (text.includes(trace)) throw new Error(`${file} contains ${trace}`);
  }
}
