/**
 * The rooms of core, lowest first, as folders of `packages/core/src`: each may import its own files and the rooms named.
 * A name stands for every room below it too: `flow` is `flow/authoring`, `flow/describe` and so on. The files directly in
 * `src` are core's faces: they may import every room, and no room imports them.
 * @type {readonly { room: string, mayImport: readonly string[] }[]}
 */
export const ROOMS = [
  { room: 'contract', mayImport: [] },
  { room: 'serializer-kit', mayImport: ['contract'] },
  { room: 'store-kit', mayImport: ['contract'] },
  { room: 'flow/authoring', mayImport: ['contract'] },
  { room: 'flow/describe', mayImport: ['contract', 'flow/authoring'] },
  { room: 'flow/check', mayImport: ['contract', 'flow/authoring', 'flow/describe'] },
  { room: 'flow/instance', mayImport: ['contract', 'flow/authoring', 'flow/describe'] },
  { room: 'flow', mayImport: ['flow/authoring', 'flow/describe', 'flow/check', 'flow/instance'] },
  { room: 'store/objects', mayImport: ['contract', 'store-kit'] },
  { room: 'store/artifacts', mayImport: ['contract', 'store-kit', 'store/objects'] },
  { room: 'store/coordination', mayImport: ['contract', 'store/objects'] },
  { room: 'store/journal', mayImport: ['contract', 'flow', 'store/objects', 'store/artifacts', 'store/coordination'] },
  { room: 'store', mayImport: ['store/objects', 'store/artifacts', 'store/coordination', 'store/journal'] },
  { room: 'cache', mayImport: ['contract', 'flow', 'store'] },
  { room: 'run/plan', mayImport: ['contract', 'flow', 'store', 'cache'] },
  { room: 'run/reuse', mayImport: ['contract', 'flow', 'store', 'cache', 'run/plan'] },
  { room: 'run/loop', mayImport: ['contract', 'flow', 'store', 'cache', 'run/plan', 'run/reuse'] },
  { room: 'run', mayImport: ['run/plan', 'run/reuse', 'run/loop'] },
  { room: 'task/scope', mayImport: ['contract', 'flow'] },
  { room: 'task/values', mayImport: ['contract', 'flow', 'store', 'task/scope'] },
  { room: 'task/attempt', mayImport: ['contract', 'flow', 'store', 'run', 'task/scope', 'task/values'] },
  { room: 'task/remote', mayImport: ['contract', 'flow', 'store', 'task/scope', 'task/values', 'task/attempt'] },
  { room: 'task', mayImport: ['task/scope', 'task/values', 'task/attempt', 'task/remote'] },
  { room: 'session', mayImport: ['contract', 'flow', 'store', 'cache', 'run', 'task'] },
];
/**
 * Modules that the sources of some packages do without.
 * @type {readonly { imports: readonly string[], in: RegExp, except?: RegExp, why: string }[]}
 */
export const FORBIDDEN = [
  {
    imports: ['tsyringe', 'reflect-metadata'],
    in: /^packages\/[^/]+\/src\//,
    except: /^packages\/runtime\/src\/compose\//,
    why: 'only packages/runtime/src/compose knows the container',
  },
  {
    imports: ['node:worker_threads', 'node:child_process', 'node:cluster'],
    in: /^packages\/core\/src\//,
    why: 'core starts no thread and no process, packages/runtime does',
  },
];

const CONTRACT = '@varve/core/contract';
const WORKER = '@varve/core/worker';
const SERIALIZER_KIT = '@varve/core/serializer-kit';
const STORE_KIT = '@varve/core/store-kit';
/** What authors of one kind of plugin may import beside the contract. */
const KITS = [SERIALIZER_KIT, STORE_KIT, WORKER];
const INTERNAL = '@varve/core/internal';
const NOT_FOR_CLI = ['@varve/store-s3', '@varve/store-gcs', '@varve/metadata-keyv', '@varve/metadata-sqlite'];

/**
 * @typedef {object} PackageRule
 * @property {string} mayImport For the message.
 * @property {(specifier: string) => boolean} allows Asked only of imports of varve's own packages.
 */

/** The packages that varve itself is made of, lowest first. By folder of `packages`.
 * @type {Readonly<Record<string, PackageRule>>} */
const BOXES = {
  core: { mayImport: 'files of core and npm packages, but no other package of varve', allows: () => false },
  client: box('@varve/core'),
  'test-support': box('@varve/core'),
  'test-servers': { mayImport: 'npm packages, but no other package of varve', allows: () => false },
  testing: box('@varve/core', '@varve/client'),
  runtime: box('@varve/core', '@varve/client'),
  cli: {
    mayImport: `@varve/* except ${NOT_FOR_CLI.join(', ')}, and npm packages`,
    allows: (specifier) => isOurs(specifier, '@varve') && !isOurs(specifier, ...NOT_FOR_CLI),
  },
};

/** Tests of core see its source by path, and what tests of several packages share.
 * @type {PackageRule} */
const CORE_TEST = {
  mayImport: 'files of core, @varve/test-support and npm packages',
  allows: (specifier) => specifier === '@varve/test-support',
};

/** @type {PackageRule} */
const PLUGIN = { mayImport: `${CONTRACT} and npm packages`, allows: (specifier) => specifier === CONTRACT };

/** @type {PackageRule} */
const STORE_PLUGIN = {
  mayImport: `${CONTRACT}, ${STORE_KIT} and npm packages`,
  allows: (specifier) => specifier === CONTRACT || specifier === STORE_KIT,
};

/** @type {PackageRule} */
const RUNNER_PLUGIN = {
  mayImport: `${CONTRACT}, ${WORKER} and npm packages`,
  allows: (specifier) => specifier === CONTRACT || specifier === WORKER,
};

/** @type {PackageRule} */
const SERIALIZER_PLUGIN = {
  mayImport: `${CONTRACT}, ${SERIALIZER_KIT} and npm packages`,
  allows: (specifier) => specifier === CONTRACT || specifier === SERIALIZER_KIT,
};

/** @type {PackageRule} */
const BOX_TEST = {
  mayImport: '@varve/* and npm packages, but not varve itself',
  allows: (specifier) => isOurs(specifier, '@varve'),
};

/** @type {PackageRule} */
const PLUGIN_TEST = {
  mayImport: `@varve/* except ${INTERNAL}, and npm packages, but not varve itself`,
  allows: (specifier) => isOurs(specifier, '@varve') && !isOurs(specifier, INTERNAL),
};

/** As outside of this repository: for a flow varve, for a plugin the contract and its proof.
 * @type {PackageRule} */
const EXAMPLE = {
  mayImport: `varve, varve/testing, ${[CONTRACT, ...KITS].join(', ')}, @varve/conformance and npm packages`,
  allows: (specifier) =>
    ['varve', 'varve/testing', CONTRACT, ...KITS].includes(specifier) || isOurs(specifier, '@varve/conformance'),
};

/** @type {PackageRule} */
const BENCH = {
  mayImport: `varve, @varve/* except ${INTERNAL}, and npm packages`,
  allows: (specifier) => !isOurs(specifier, INTERNAL),
};

/** @type {PackageRule} */
const SCRIPT = { mayImport: 'files of scripts and npm packages', allows: () => false };

/** The packages of varve that a file may import, or `undefined` when nothing is laid down for it.
 * @param {string} file Relative to the repository, with `/`.
 * @returns {PackageRule | undefined} */
export function ruleFor(file) {
  const [parent, name = '', folder] = file.split('/');
  if (parent === 'examples') return EXAMPLE;
  if (parent === 'bench') return BENCH;
  if (parent === 'scripts') return SCRIPT;
  if (parent !== 'packages') return undefined;
  const isTest = folder === 'test' || folder === 'bench';
  if (isTest && name === 'core') return CORE_TEST;
  const own = BOXES[name];
  if (own !== undefined) return isTest && name !== 'core' && name !== 'cli' ? BOX_TEST : own;
  if (isTest) return PLUGIN_TEST;
  if (name.startsWith('serializer-')) return SERIALIZER_PLUGIN;
  if (name.startsWith('store-')) return STORE_PLUGIN;
  return name.startsWith('runner-') ? RUNNER_PLUGIN : PLUGIN;
}

/** The npm package of a bare specifier. @param {string} specifier */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** True when a specifier is one of the names or lies below one; by default when it is a package of this repository.
 * @param {string} specifier @param {readonly string[]} names */
export function isOurs(specifier, ...names) {
  const wanted = names.length > 0 ? names : ['varve', '@varve'];
  return wanted.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** @param {readonly string[]} names @returns {PackageRule} */
function box(...names) {
  return {
    mayImport: `${names.join(', ')} and npm packages`,
    allows: (specifier) => isOurs(specifier, ...names),
  };
}
