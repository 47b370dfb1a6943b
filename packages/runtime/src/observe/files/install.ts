import type { ObserveOptions } from '../options.ts';
import type { AnyFunction } from '../shared/disguise.ts';
import { modules } from '../shared/originals.ts';
import { CONTENT_CALLS } from './calls/content-calls.ts';
import { FACT_CALLS, watchExists } from './calls/fact-calls.ts';
import { DESCRIPTOR_CALLS, wrapClose } from './calls/open-files.ts';
import { type Call, wrapCallback, wrapPromise, wrapSync } from './calls/wrap.ts';
import { TOUCH_CALLS, WRITE_CALLS } from './calls/write-calls.ts';
import { Digests } from './facts/digests.ts';
import { Places } from './facts/places.ts';
import { beginObserving } from './observer.ts';

type Wrap = (original: AnyFunction) => AnyFunction;

let isInstalled = false;
/** What packages keep they keep for the life of the thread. */
const own = new Map<string, string>();

/**
 * Wraps the functions of `node:fs` and `node:fs/promises` in this thread. Calls in a task, or while a flow's file is loaded,
 * are noted there; others pass. Call `syncBuiltinESMExports` afterwards.
 */
export function installFiles(options: ObserveOptions): void {
  const cwd = process.cwd.bind(process);
  beginObserving({ places: new Places(options), roots: options, digests: new Digests(), own, cwd });
  if (isInstalled) return;
  isInstalled = true;
  const calls = { ...CONTENT_CALLS, ...FACT_CALLS, ...WRITE_CALLS, ...TOUCH_CALLS, ...DESCRIPTOR_CALLS };
  for (const [name, call] of Object.entries(calls)) wrapAll(name, call);
  wrapRest();
}

/** The three ways to make a call, those that this version of Node has. */
function wrapAll(name: string, call: Call): void {
  replace(modules.fs, `${name}Sync`, (original) => withNative(original, (one) => wrapSync(one, call)));
  replace(modules.promises, name, (original) => (RETURNS[name] ?? wrapPromise)(original, call));
  replace(modules.fs, name, (original) =>
    withNative(original, (one) => (RETURNS_HERE[name] ?? wrapCallback)(one, call)),
  );
}

/** Calls whose form is not the one of their module. */
const RETURNS: Readonly<Record<string, typeof wrapSync>> = { glob: wrapSync, watch: wrapSync };
const RETURNS_HERE: Readonly<Record<string, typeof wrapSync>> = {
  watch: wrapSync,
  watchFile: wrapSync,
  openAsBlob: wrapPromise,
};

function wrapRest(): void {
  replace(modules.fs, 'close', wrapClose);
  replace(modules.fs, 'closeSync', wrapClose);
  replace(modules.fs, 'existsSync', (original) => wrapSync(original, { watch: watchExists }));
  replace(modules.fs, 'exists', (original) => wrapCallback(original, { watch: watchExists }));
}

/** `realpath` and `realpathSync` have another form of themselves as a property. */
const withNative = (original: AnyFunction, wrap: Wrap) => {
  const wrapped = wrap(original);
  const { native } = original as { readonly native?: unknown };
  if (typeof native === 'function') Object.assign(wrapped, { native: wrap(native as AnyFunction) });
  return wrapped;
};

function replace(target: Record<string, unknown>, name: string, wrap: Wrap): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name];
  if (descriptor === undefined || typeof original !== 'function') return;
  Object.defineProperty(target, name, {
    value: wrap(original as AnyFunction),
    writable: true,
    enumerable: descriptor.enumerable ?? true,
    configurable: true,
  });
}
