/** The folders of core, lowest floor first: a file imports from its own floor and those before it. */
export const CORE_FLOORS = [
  'contract',
  'artifact',
  'flow',
  'journal',
  'cache',
  'gc',
  'run',
  'runner',
  'client',
  'app',
  'testing',
];

/** Libraries that one folder of core alone may import. */
export const ONLY_IN_APP = ['tsyringe', 'reflect-metadata'];

const CONTRACT = '@varve/core/contract';
const NOT_FOR_CLI = ['@varve/store-s3', '@varve/store-gcs', '@varve/metadata-keyv'];

/**
 * @typedef {object} PackageRule
 * @property {string} mayImport For the message.
 * @property {(specifier: string) => boolean} allows Asked only of imports of varve's own packages.
 */

/** @type {PackageRule} */
const PLUGIN = { mayImport: `${CONTRACT} and npm packages`, allows: (specifier) => specifier === CONTRACT };

/** @type {PackageRule} */
const PLUGIN_TEST = {
  mayImport: '@varve/* and npm packages, but not varve itself',
  allows: (specifier) => specifier.startsWith('@varve/'),
};

/** @type {PackageRule} */
const CORE = { mayImport: 'files of core and npm packages, but no other package of varve', allows: () => false };

/** @type {PackageRule} */
const CLI = {
  mayImport: `@varve/* except ${NOT_FOR_CLI.join(', ')}, and npm packages`,
  allows: (specifier) => specifier.startsWith('@varve/') && !NOT_FOR_CLI.some((name) => isOrIsUnder(specifier, name)),
};

/** What somebody outside of this repository would import: for a flow varve, for a plugin the contract and its proof.
 * @type {PackageRule} */
const EXAMPLE = {
  mayImport: `varve, varve/testing, ${CONTRACT}, @varve/conformance and npm packages`,
  allows: (specifier) =>
    ['varve', 'varve/testing', CONTRACT].includes(specifier) || isOrIsUnder(specifier, '@varve/conformance'),
};

/** @type {PackageRule} */
const BENCH = { mayImport: 'varve, @varve/* and npm packages', allows: () => true };

/** @type {PackageRule} */
const SCRIPT = { mayImport: 'files of scripts and npm packages', allows: () => false };

/** Which packages of varve a file may import, or `undefined` when nothing is laid down for it.
 * @param {string} file Relative to the repository, with `/`.
 * @returns {PackageRule | undefined} */
export function ruleFor(file) {
  const [parent, name, room] = file.split('/');
  if (parent === 'examples') return EXAMPLE;
  if (parent === 'bench') return BENCH;
  if (parent === 'scripts') return SCRIPT;
  if (parent !== 'packages') return undefined;
  if (name === 'core') return CORE;
  if (name === 'cli') return CLI;
  return room === 'test' || room === 'bench' ? PLUGIN_TEST : PLUGIN;
}

/** The npm package a bare specifier is about. @param {string} specifier */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** @param {string} specifier @param {string} name */
function isOrIsUnder(specifier, name) {
  return specifier === name || specifier.startsWith(`${name}/`);
}

/** Whether it names a package of this repository. @param {string} specifier */
export function isOurs(specifier) {
  return isOrIsUnder(specifier, 'varve') || specifier.startsWith('@varve/');
}
