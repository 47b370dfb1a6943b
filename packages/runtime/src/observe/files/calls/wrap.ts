import { AsyncResource } from 'node:async_hooks';
import { type AnyFunction, disguise } from '../../shared/disguise.ts';
import { beginLook, endLook } from '../caller.ts';
import { aloud, currentSeen, quietly, quietlyLater } from '../observer.ts';
import type { SeenFiles } from '../seen-files.ts';

/** Called when the call has ended, before the code that called it goes on. */
export type After = (error: unknown, result: unknown) => void;

/** Looks at the arguments of a call before it is made. */
export type Watch = (seen: SeenFiles, args: readonly unknown[]) => After | undefined;

export interface Call {
  readonly watch: Watch;
  /** True when Node makes the asynchronous call out of others of the same modules: those are not the user's. */
  readonly isComposed?: boolean;
  /** True when it is these others that are to be seen. */
  readonly isTransparent?: boolean;
}

/** A function that returns its result or throws. Calls that Node makes meanwhile are not the user's. */
export function wrapSync(
  original: AnyFunction,
  { watch, isComposed = false, isTransparent = false }: Call,
): AnyFunction {
  const call = isTransparent ? Reflect.apply : quietly;
  const { observed } = {
    observed(this: unknown, ...args: unknown[]) {
      const seen = currentSeen();
      if (seen === undefined) return Reflect.apply(original, this, args);
      const after = before(observed, watch, seen, args);
      let result: unknown;
      try {
        result = call(original, this, isComposed ? withFilter(args, hear) : args);
      } catch (error) {
        note(seen, after, error, undefined);
        throw error;
      }
      note(seen, after, undefined, result);
      return result;
    },
  };
  return disguise(observed, original);
}

/** A function whose last argument is called back with an error and a result. */
export function wrapCallback(original: AnyFunction, { watch, isComposed = false }: Call): AnyFunction {
  const { observed } = {
    observed(this: unknown, ...args: unknown[]) {
      const seen = currentSeen();
      const at = args.findLastIndex((one) => typeof one === 'function');
      if (seen === undefined || at < 0) return Reflect.apply(original, this, args);
      const after = before(observed, watch, seen, args);
      const callback = args[at] as AnyFunction;
      const done = function (this: unknown, ...results: unknown[]) {
        note(seen, after, results[0] ?? undefined, results[1]);
        return Reflect.apply(callback, this, results);
      };
      args[at] = isComposed ? AsyncResource.bind(done) : done;
      try {
        if (!isComposed) return Reflect.apply(original, this, args);
        return quietlyLater(() => Reflect.apply(original, this, withFilter(args, bind)));
      } catch (error) {
        note(seen, after, error, undefined);
        throw error;
      }
    },
  };
  return disguise(observed, original);
}

/** A function that returns a promise. */
export function wrapPromise(original: AnyFunction, { watch, isComposed = false }: Call): AnyFunction {
  // An async function, not a chain of promises: errors keep the frames of the code that awaits them.
  const calling = async (seen: SeenFiles, self: unknown, args: unknown[]) => {
    const after = before(observed, watch, seen, args);
    try {
      const result = await (isComposed
        ? quietlyLater(() => Reflect.apply(original, self, withFilter(args, bind)))
        : Reflect.apply(original, self, args));
      note(seen, after, undefined, result);
      return result;
    } catch (error) {
      note(seen, after, error, undefined);
      throw error;
    }
  };
  const { observed } = {
    observed(this: unknown, ...args: unknown[]) {
      const seen = currentSeen();
      return seen === undefined ? Reflect.apply(original, this, args) : calling(seen, this, args);
    },
  };
  return disguise(observed, original);
}

/** What observes must not break what it observes: a fault of it costs the cached result, no more. */
function before(observed: AnyFunction, watch: Watch, seen: SeenFiles, args: readonly unknown[]): After | undefined {
  const outer = beginLook(observed);
  try {
    return watch(seen, args);
  } catch (error) {
    refuse(seen, error);
    return undefined;
  } finally {
    endLook(outer);
  }
}

function note(seen: SeenFiles, after: After | undefined, error: unknown, result: unknown): void {
  try {
    after?.(error, result);
  } catch (fault) {
    refuse(seen, fault);
  }
}

function refuse(seen: SeenFiles, fault: unknown): void {
  seen.inputs.refuse(`what it did with files could not be observed: ${fault instanceof Error ? fault.message : fault}`);
}

/** The arguments of `cp` with another function in the place of the option `filter`, which is the user's own code. */
function withFilter(args: unknown[], wrap: (filter: AnyFunction) => AnyFunction): unknown[] {
  const { filter } = (args[2] ?? {}) as { readonly filter?: unknown };
  if (typeof args[2] !== 'object' || typeof filter !== 'function') return args;
  return args.with(2, { ...args[2], filter: wrap(filter as AnyFunction) });
}

function bind(filter: AnyFunction): AnyFunction {
  return AsyncResource.bind(filter);
}

function hear(filter: AnyFunction): AnyFunction {
  return (...args) => aloud(() => Reflect.apply(filter, undefined, args));
}
