import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PRELOAD = new URL('./report-usage.mjs', import.meta.url).href;

/** The command as a user's project finds it. */
export const VARVE = fileURLToPath(new URL('../packages/cli/bin/varve.js', import.meta.url));

/**
 * Runs `node ...args` once and measures its cost: CPU and wall in ms, peak memory in MB.
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<Cost>}
 */
export async function costOf(args, options = {}) {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', PRELOAD, ...args], {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [errors, usage] = await Promise.all([
    textOf(child.stderr),
    textOf(/** @type {import('node:stream').Readable} */ (child.stdio[3])),
  ]);
  const code = child.exitCode ?? (await new Promise((resolve) => child.on('close', resolve)));
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}:\n${errors}`);
  return { ...JSON.parse(usage), wallMs: performance.now() - started };
}

/** @typedef {{ cpuMs: number, wallMs: number, rssMb: number }} Cost */

/** @param {AsyncIterable<Buffer> | null | undefined} stream */
async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Measures both sides in turn, so that a drift of the machine affects both. The first round is not counted.
 * @param {number} rounds
 * @param {() => Promise<Cost>} ours
 * @param {() => Promise<Cost>} theirs
 */
export async function compare(rounds, ours, theirs) {
  /** @type {[Cost, Cost][]} */
  const pairs = [];
  for (let round = 0; round <= rounds; round++) {
    /** @type {[Cost, Cost]} */
    const pair = [await ours(), await theirs()];
    if (round > 0) pairs.push(pair);
  }
  return {
    ours: spread(pairs.map(([a]) => a.cpuMs)),
    theirs: spread(pairs.map(([, b]) => b.cpuMs)),
    ratio: spread(pairs.map(([a, b]) => a.cpuMs / b.cpuMs)),
    wall: spread(pairs.map(([a]) => a.wallMs)),
    rss: spread(pairs.map(([a]) => a.rssMb)),
  };
}

/** @param {number[]} values */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? Number.NaN, sorted[sorted.length >> 1] ?? Number.NaN];
  return { min: sorted[0] ?? Number.NaN, median: (low + high) / 2, max: sorted.at(-1) ?? Number.NaN };
}

/** @param {{ min: number, median: number, max: number }} s @param {number} digits */
export function show({ min, median, max }, digits = 0) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}
