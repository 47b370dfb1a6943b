import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../shell/root.mjs';

const TABLE = 'packages/cli/src/error-codes/index.ts';
const CONTRACT = join(ROOT, 'packages/core/src/contract/index.ts');

/**
 * @typedef {object} Entry
 * @property {string} meaning
 * @property {string} remedy
 * @property {string} [exit] A name in the table of exit codes.
 *
 * @typedef {object} Group
 * @property {string} title
 * @property {string} about
 * @property {Readonly<Record<string, Entry>>} entries By code.
 */

/** Reads the table of error codes from its source, so that nothing has to be built.
 * @returns {Promise<readonly Group[]>} */
export async function readTable() {
  const { ERROR_GROUPS } = await load(TABLE);
  return ERROR_GROUPS;
}

/** Reads the exit codes, by name.
 * @returns {Promise<Readonly<Record<string, number>>>} */
export async function readExitCodes() {
  const { EXIT } = await load('packages/cli/src/exit-codes.ts');
  return EXIT;
}

/** @param {string} file Relative to the repository. */
async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, file)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    alias: { '@varve/core/contract': CONTRACT },
  });
  const text = outputFiles[0]?.text ?? '';
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}
