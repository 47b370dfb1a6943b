import { inspect } from 'node:util';
import { type AmbientInputs, ambientInputs, loadingInputs } from '@varve/core/internal';
import { disguise } from '../../shared/disguise.ts';
import type { NoteFile } from '../calls/note-call.ts';
import { Enumeration } from './enumeration.ts';
import { VariableReads } from './variable-reads.ts';
import type { Variables } from './variables.ts';

type Env = NodeJS.ProcessEnv;

/** What the observers of the environment share. */
interface Watch {
  readonly variables: Variables;
  readonly reads: VariableReads;
  readonly enumeration: Enumeration;
}

/**
 * Puts observers in the place of `process.env`. They are a Proxy over an empty object and not over Node's own: `util.inspect`
 * looks behind a Proxy, and would show values without anybody seeing it read them. Returns what notes other reads.
 */
export function installEnvironment(variables: Variables, noteFile: NoteFile): VariableReads {
  const watch: Watch = { variables, reads: new VariableReads(variables), enumeration: new Enumeration() };
  const copy = () => copyAll(watch);
  const behind: Env = Object.create(Object.getPrototypeOf(variables.real), {
    [inspect.custom]: { value: copy, configurable: true },
  });
  const observed: Env = new Proxy(behind, {
    ...createReaders(watch),
    ...createWriters(watch, (it) => it === observed),
  });
  replaceEnv(observed);
  watchLoadEnvFile(watch, noteFile);
  watchStructuredClone(observed, copy);
  return watch.reads;
}

function createReaders({ variables, reads, enumeration }: Watch): ProxyHandler<Env> {
  const { real } = variables;
  const readers = {
    get(_: Env, key: string | symbol): unknown {
      if (typeof key === 'symbol') return Reflect.get(real, key);
      const inputs = ambientInputs();
      const value: unknown = variables.get(key, inputs);
      if (inputs === undefined || isInherited(value)) return value;
      const how = enumeration.reads(inputs, key);
      if (how !== 'ignored') reads.note(inputs, { key, callee: readers.get, isCopied: how === 'copied' });
      return value;
    },
    has(_: Env, key: string | symbol): boolean {
      if (typeof key === 'symbol') return Reflect.has(real, key);
      const inputs = ambientInputs();
      const value: unknown = variables.get(key, inputs);
      if (inputs !== undefined && !isInherited(value)) reads.note(inputs, { key, callee: readers.has });
      return value !== undefined;
    },
    ownKeys(): string[] {
      const inputs = ambientInputs();
      const names = variables.names(inputs);
      if (inputs) enumeration.begin(inputs, names, !reads.noteNames(inputs, readers.ownKeys));
      return names;
    },
    getOwnPropertyDescriptor(_: Env, key: string | symbol): PropertyDescriptor | undefined {
      if (typeof key === 'symbol') return Reflect.getOwnPropertyDescriptor(real, key);
      const inputs = ambientInputs();
      const value: unknown = variables.get(key, inputs);
      if (isInherited(value)) return undefined;
      if (inputs !== undefined && !enumeration.describes(inputs, key)) {
        reads.note(inputs, { key, callee: readers.getOwnPropertyDescriptor });
      }
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
  };
  return readers;
}

function createWriters({ variables, reads }: Watch, isObserved: (it: unknown) => boolean): ProxyHandler<Env> {
  const { real } = variables;
  const change = (key: string, action: () => void): true => {
    const inputs = ambientInputs();
    const before = real[key];
    action();
    if (inputs) reads.noteBeforeChange(inputs, key, before);
    variables.adopt(key, before, inputs);
    return true;
  };
  return {
    set(_, key, value, receiver) {
      // An object that inherits from the environment gets a property of its own.
      if (!isObserved(receiver)) return Reflect.set(Object.create(null), key, value, receiver);
      if (typeof key === 'symbol') return Reflect.set(real, key, value);
      return change(key, () => {
        real[key] = value;
      });
    },
    deleteProperty(_, key) {
      if (typeof key === 'symbol') return Reflect.deleteProperty(real, key);
      return change(key, () => Reflect.deleteProperty(real, key));
    },
    defineProperty(_, key, descriptor) {
      if (typeof key === 'symbol') return Reflect.defineProperty(real, key, descriptor);
      return change(key, () => Object.defineProperty(real, key, descriptor));
    },
    setPrototypeOf: (behind, prototype) =>
      Reflect.setPrototypeOf(real, prototype) && Reflect.setPrototypeOf(behind, prototype),
    // Throws, as Node's own does.
    preventExtensions: () => Object.isFrozen(Object.preventExtensions(real)),
  };
}

/** True for what every object has, `hasOwnProperty` for instance: variables are texts. */
function isInherited(value: unknown): boolean {
  return value !== undefined && typeof value !== 'string';
}

/** A plain copy of everything, for code that looks behind a Proxy or cannot take one. */
function copyAll({ variables, reads }: Watch): Env {
  const inputs = ambientInputs();
  if (inputs) reads.noteAll(inputs);
  return Object.fromEntries(variables.names(inputs).map((name) => [name, variables.get(name, inputs)]));
}

/** `process.env` can be assigned as before. What an attempt assigns is seen by this attempt alone. */
function replaceEnv(observed: Env): void {
  const assigned = new WeakMap<AmbientInputs, Env>();
  let standing = observed;
  Object.defineProperty(process, 'env', {
    configurable: true,
    enumerable: true,
    get: () => {
      const inputs = ambientInputs();
      return (inputs && assigned.get(inputs)) ?? standing;
    },
    set: (value: Env) => {
      const inputs = ambientInputs();
      if (inputs === undefined || inputs === loadingInputs()) standing = value;
      else assigned.set(inputs, value);
    },
  });
}

/** What the call sets is an own write; the file, and that it was not set before, are inputs. Node reads the file itself. */
function watchLoadEnvFile({ variables, reads }: Watch, noteFile: NoteFile): void {
  const original = process.loadEnvFile;
  const { loadEnvFile } = {
    loadEnvFile(...args: Parameters<typeof original>): void {
      const inputs = ambientInputs();
      const before: Env = inputs ? { ...variables.real } : {};
      if (inputs) noteFile(inputs, args[0] ?? '.env');
      Reflect.apply(original, process, args);
      if (!inputs) return;
      for (const [name, value] of Object.entries(variables.real)) {
        if (value === before[name]) continue;
        reads.noteValue(inputs, name, before[name]);
        variables.adopt(name, before[name], inputs);
      }
    },
  };
  process.loadEnvFile = disguise(loadEnvFile, original);
}

/** A Proxy cannot be cloned, Node's own environment can. */
function watchStructuredClone(observed: Env, copy: () => Env): void {
  const original = globalThis.structuredClone;
  const wrapper = {
    structuredClone(this: unknown, ...args: unknown[]): unknown {
      if (args[0] === observed) args[0] = copy();
      return Reflect.apply(original, this, args);
    },
  };
  globalThis.structuredClone = disguise(wrapper.structuredClone, original) as typeof structuredClone;
}
