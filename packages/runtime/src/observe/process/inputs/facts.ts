import os from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { type AmbientInputs, ambientInputs, loadingInputs } from '@varve/core/internal';
import { findAsker } from '../../asking/asker.ts';
import { type AnyFunction, disguise, watchMethod, watchProperty, watchValue } from '../../shared/disguise.ts';
import { portableName } from '../../shared/portable.ts';
import { tokenOf } from '../../shared/tokens.ts';
import { notingUsers } from '../calls/note-call.ts';
import { settings } from '../settings.ts';
import { currentLocale } from './zone.ts';

// As they were before anybody has wrapped them: the facts are asked for by varve, too.
const { cwd, platform, arch, umask, version } = process;
const { userInfo, cpus, availableParallelism, totalmem, networkInterfaces, getPriority } = os;
const { getuid, geteuid, getgid, getegid, getgroups, constrainedMemory } = process;

/** Facts that methods of `process` tell. */
const OF_PROCESS = {
  cwd: (root: string) => portableName(root, cwd()),
  umask: () => umask().toString(8),
  getuid: () => String(getuid?.()),
  geteuid: () => String(geteuid?.()),
  getgid: () => String(getgid?.()),
  getegid: () => String(getegid?.()),
  getgroups: () => String(getgroups?.()),
  constrainedMemory: () => String(constrainedMemory?.()),
};

/**
 * Facts of machine, user and process that count when the user's own code asks, with their values as text. What differs by
 * chance is a call (`CALLS`). The path of Node and what it says of its own build are neither.
 */
const FACTS = {
  ...OF_PROCESS,
  platform: () => platform,
  arch: () => arch,
  hostname: os.hostname,
  homedir: os.homedir,
  userInfo: () => JSON.stringify(userInfo()),
  cpus: () => JSON.stringify(cpus().map(({ model }) => model)),
  availableParallelism: () => String(availableParallelism()),
  totalmem: () => String(totalmem()),
  type: os.type,
  release: os.release,
  version: os.version,
  machine: os.machine,
  tmpdir: os.tmpdir,
  networkInterfaces: () => JSON.stringify(networkInterfaces()),
  getPriority: () => String(getPriority()),
  node: () => version,
} satisfies Record<string, (root: string) => string>;

/** Figures that are never the same twice. */
const CALLS = { process: ['memoryUsage', 'cpuUsage', 'resourceUsage'], os: ['freemem', 'loadavg', 'uptime'] };

const facts = new Map<string, (root: string) => string>(Object.entries(FACTS));

/** The token of a fact; `-` for one that is not known here. */
export function factToken(name: string, root: string): string {
  return tokenOf(facts.get(name)?.(root));
}

/** Observes what code asks of the machine, the user and the process. */
export function installFacts(): void {
  for (const name of facts.keys()) {
    const owner = Object.hasOwn(OF_PROCESS, name) ? process : os;
    watchMethod(owner, name, (wrapper, args) => (name === 'umask' ? noteMask(wrapper, args) : noteFact(name, wrapper)));
  }
  for (const name of ['version', 'versions']) watchValue(process, name, (getter) => noteFact('node', getter));
  watchNavigator();
  for (const name of ['platform', 'arch']) watchValue(process, name, (getter) => noteFact(name, getter));
  for (const name of CALLS.process) watchMethod(process, name, notingUsers(`process.${name}`));
  for (const name of CALLS.os) watchMethod(os, name, notingUsers(`os.${name}`));
  for (const name of ['pid', 'ppid', 'argv']) watchValue(process, name, notingUsers(`process.${name}`));
  watchWorkingDirectory();
}

/** Facts that `navigator` tells, besides the locale. */
const OF_NAVIGATOR = ['platform', 'availableParallelism', 'node'];

function watchNavigator(): void {
  watchProperty(globalThis, 'navigator', (getter) => {
    const inputs = ambientInputs();
    const reads = ['@locale', ...OF_NAVIGATOR.map((name) => `@os ${name}`)];
    if (inputs === undefined || reads.every((read) => inputs.has(read))) return;
    const { options } = settings();
    const { kind, through } = findAsker(getter, options);
    if (kind !== 'user' || through.length > 0) return;
    inputs.read('@locale', currentLocale());
    for (const name of OF_NAVIGATOR) inputs.read(`@os ${name}`, factToken(name, options.root));
  });
}

const masked = new WeakSet<AmbientInputs>();

/** The mask that an attempt sets is undone when it is over. */
function noteMask(wrapper: AnyFunction, [mask]: readonly unknown[]): void {
  const inputs = ambientInputs();
  if (inputs === undefined || masked.has(inputs)) return;
  noteFact('umask', wrapper);
  if (mask === undefined || !isMainThread) return;
  masked.add(inputs);
  const before = umask();
  if (inputs !== loadingInputs()) inputs.undo(() => umask(before));
}

/** Attempts, and loads, that have changed the working directory themselves. */
const moved = new WeakSet<AmbientInputs>();

/** Modules that ask for the working directory on behalf of their caller. What else Node asks is its own business. */
const MAKING_ABSOLUTE = /^node:(path|url|internal\/url)$/;

function noteFact(name: string, callee: AnyFunction): void {
  const inputs = ambientInputs();
  if (inputs === undefined) return;
  const read = `@os ${name}`;
  if (inputs.has(read) || (name === 'cwd' && moved.has(inputs))) return;
  const { options } = settings();
  const asker = findAsker(callee, options);
  const counts = asker.through.every((module) => name === 'cwd' && MAKING_ABSOLUTE.test(module));
  if (asker.kind === 'user' && counts) inputs.read(read, factToken(name, options.root));
}

/** A change by an attempt is undone when it is over; what the loading of a file sets stays. */
function watchWorkingDirectory(): void {
  const { chdir } = process;
  const wrapper = {
    chdir(folder: string): void {
      const inputs = ambientInputs();
      const before = inputs && cwd();
      Reflect.apply(chdir, process, [folder]);
      if (inputs === undefined || before === undefined || moved.has(inputs)) return;
      moved.add(inputs);
      if (inputs !== loadingInputs()) inputs.undo(() => Reflect.apply(chdir, process, [before]));
    },
  };
  process.chdir = disguise(wrapper.chdir, chdir);
}
