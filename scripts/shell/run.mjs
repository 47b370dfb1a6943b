import { spawn } from 'node:child_process';

/** Runs a command in this terminal. Resolves with its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit', shell: needsShell(command) });
    child.on('error', (error) => reject(cannotStart(command, error)));
    child.on('close', (code, signal) => resolve(exitCode(code, signal)));
  });
}

/** Runs a command and captures its standard output and error, in the order of their arrival.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number, output: string }>} */
export function capture(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], shell: needsShell(command) });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => reject(cannotStart(command, error)));
    child.on('close', (code, signal) =>
      resolve({ code: exitCode(code, signal), output: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}

/** Calls `work` for every item, at most `limit` at a time. Results keep the order of the items.
 * @template T, R
 * @param {readonly T[]} items
 * @param {number} limit
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>} */
export async function forEachLimited(items, limit, work) {
  /** @type {R[]} */
  const results = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}

/** The tools of npm are `.cmd` files on Windows, which only a shell can start. @param {string} command */
function needsShell(command) {
  return process.platform === 'win32' && (command === 'npm' || command === 'npx');
}

/** @param {number | null} code @param {NodeJS.Signals | null} signal */
function exitCode(code, signal) {
  return code ?? (signal === 'SIGINT' ? 130 : 1);
}

/** @param {string} command @param {Error} cause */
function cannotStart(command, cause) {
  return new Error(`cannot start "${command}": ${cause.message}. Is it on the PATH?`, { cause });
}
