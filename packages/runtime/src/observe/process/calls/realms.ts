import vm from 'node:vm';
import { type AnyFunction, watchMethod } from '../../shared/disguise.ts';
import type { Regions } from '../inputs/zone.ts';
import { noteCall } from './note-call.ts';

/**
 * Observes the making of realms and what runs in them. A realm has a `Date`, an `Intl` and a `Math` of its own, which nobody
 * watches: the time zone and the locale count as read, and the clock and chance as called, whether its code looks or not.
 */
export function installRealms(regions: Regions): void {
  const note = (call: string, wrapper: AnyFunction) => {
    noteCall(`vm.${call}`, wrapper);
    regions.noteZoneName();
  };
  for (const key of ['createContext', 'runInContext', 'runInNewContext']) {
    watchMethod(vm, key, (wrapper) => note(key, wrapper));
  }
  for (const key of ['runInContext', 'runInNewContext']) {
    watchMethod(vm.Script.prototype, key, (wrapper) => note(key, wrapper));
  }
  watchMethod(vm, 'compileFunction', (wrapper, [, , options]) => {
    if ((options as { readonly parsingContext?: unknown } | undefined)?.parsingContext !== undefined)
      note('compileFunction', wrapper);
  });
  watchMethod(vm, 'measureMemory', (wrapper) => noteCall('vm.measureMemory', wrapper));
}
