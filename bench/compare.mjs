/**
 * Compares two checkouts of varve, both installed and built: the cost of the second as a ratio to the first.
 *
 *     node bench/compare.mjs <before> <after>                      every case
 *     node bench/compare.mjs <before> <after> start foreach        only these
 *     node bench/compare.mjs <before> <after> values --mib 64      a smaller value; --tasks for foreach, --rounds for all
 *
 * The two are measured in turn, and each is first in every other round, so that a machine that drifts drifts for both. The
 * first round is not counted. A checkout against itself shows how much of a ratio is noise. On a busy machine look at the
 * ratio of the best runs: what disturbs a run only ever adds to it.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { costOf, show, spread } from './measure.mjs';
import { freshProject } from './project.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    mib: { type: 'string', default: '256' },
    tasks: { type: 'string', default: '10000' },
  },
});
const [before, after, ...wanted] = positionals;
if (before === undefined || after === undefined) {
  throw new Error('usage: node bench/compare.mjs <before> <after> [case...] [--rounds n] [--tasks n] [--mib n]');
}

const TWO = `import { Flow, step } from 'varve';
export default class Two extends Flow {
  x!: number; y!: number;
  @step() first() { this.x = 1; }
  @step({ after: 'first' }) second() { this.y = this.x + 1; }
}
`;
const FAN = `import { Flow, param, step, type View } from 'varve';
export default class Fan extends Flow {
  n = param.int(1);
  items!: number[]; y!: number; total!: number;
  @step() start() { this.items = Array.from({ length: this.n }, (_, i) => i); }
  @step({ after: 'start', foreach: 'items' }) work(i: number) { this.y = i * 2; }
  @step({ join: 'work' }) sum(tasks: readonly View<Fan>[]) { this.total = tasks.reduce((t, v) => t + v.y, 0); }
}
`;
const MANY = `import { Flow, step } from 'varve';
export default class Many extends Flow {
  [name: \`value\${number}\`]: { readonly i: number; readonly text: string };
  total!: number;
  @step() write() { for (let i = 0; i < 1000; i++) this[\`value\${i}\`] = { i, text: 'row ' + i }; }
  @step({ after: 'write' }) read() {
    let total = 0;
    for (let i = 0; i < 1000; i++) total += this[\`value\${i}\`].i;
    this.total = total;
  }
}
`;
const VALUE = `import { Flow, param, step } from 'varve';
export default class Value extends Flow {
  mib = param.int(256);
  data!: Uint8Array; sum!: number;
  @step() write() {
    const words = new Uint32Array(this.mib * 262_144);
    for (let i = 0, x = 1; i < words.length; i += 16) { x = (Math.imul(x, 1664525) + 1013904223) >>> 0; words[i] = x; }
    this.data = new Uint8Array(words.buffer);
  }
  @step({ after: 'write' }) read() { this.sum = this.data.length + (this.data[4096] ?? 0); }
}
`;

/**
 * The commands of a case share a project and run in this order.
 * @type {Record<string, { rounds: number, flow?: string, commands: Record<string, string[]> }>}
 */
const CASES = {
  help: { rounds: 15, commands: { 'varve --help': ['--help'] } },
  start: {
    rounds: 11,
    flow: TWO,
    commands: { '2 steps, cold': ['run', 'flow.ts'], '2 steps, cached': ['run', 'flow.ts'], 'varve list': ['list'] },
  },
  foreach: { rounds: 5, flow: FAN, commands: coldAndCached(`foreach of ${options.tasks}`, '--n', options.tasks) },
  many: { rounds: 7, flow: MANY, commands: coldAndCached('1,000 small values') },
  values: { rounds: 5, flow: VALUE, commands: coldAndCached(`a value of ${options.mib} MiB`, '--mib', options.mib) },
};

/** @param {string} what @param {readonly string[]} parameters */
function coldAndCached(what, ...parameters) {
  const command = ['run', 'flow.ts', ...parameters, '--quiet'];
  return { [`${what}, cold`]: command, [`${what}, cached`]: command };
}

/** Runs the commands of a case once, in a fresh project. @param {string} checkout @param {typeof CASES[string]} one */
async function costsOf(checkout, { flow = '', commands }) {
  const cwd = freshProject({ 'flow.ts': flow }, checkout);
  try {
    const costs = [];
    for (const args of Object.values(commands)) {
      costs.push(await costOf([join(checkout, 'packages/cli/bin/varve.js'), ...args], { cwd }));
    }
    return costs;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** @param {string} name @param {string} a @param {string} b */
async function compareCase(name, a, b) {
  const one = CASES[name];
  if (one === undefined) throw new Error(`no case '${name}': there are ${Object.keys(CASES).join(', ')}`);
  const rounds = Number(options.rounds ?? one.rounds);
  const pairs = [];
  for (let round = 0; round <= rounds; round++) {
    const isTurned = round % 2 === 1;
    const first = await costsOf(isTurned ? b : a, one);
    const second = await costsOf(isTurned ? a : b, one);
    if (round > 0) pairs.push(isTurned ? [second, first] : [first, second]);
  }
  for (const [i, command] of Object.keys(one.commands).entries()) {
    /** @param {'cpuMs' | 'wallMs' | 'rssMb'} unit */
    const ratio = (unit) => show(spread(pairs.map(([x, y]) => y[i][unit] / x[i][unit])), 2);
    /** @param {number} side */
    const cpu = (side) => spread(pairs.map((pair) => pair[side][i].cpuMs));
    const [cpuBefore, cpuAfter] = [cpu(0), cpu(1)];
    const best = (cpuAfter.min / cpuBefore.min).toFixed(2);
    printRow(command, ratio('cpuMs'), best, ratio('wallMs'), ratio('rssMb'), show(cpuBefore), show(cpuAfter));
  }
}

/** @param {string} name @param {readonly string[]} cells */
function printRow(name, ...cells) {
  console.log(`${name.padEnd(28)}${cells.map((cell) => cell.padEnd(19)).join('')}`.trimEnd());
}

/** @param {string} checkout */
function nameOf(checkout) {
  const { stdout } = spawnSync('git', ['-C', checkout, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  return `${checkout} (${stdout?.trim() || 'no commit'})`;
}

const [a, b] = [resolve(before), resolve(after)];
console.log(`before ${nameOf(a)}, after ${nameOf(b)}, ${process.version}; median (min-max)`);
printRow('', 'CPU ratio', 'of best CPU', 'wall ratio', 'memory ratio', 'CPU ms before', 'CPU ms after');
for (const name of wanted.length > 0 ? wanted : Object.keys(CASES)) await compareCase(name, a, b);
