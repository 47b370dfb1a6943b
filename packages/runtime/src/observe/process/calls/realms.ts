import vm from 'node:vm';
import { ambientInputs } from '@varve/core/internal';
import { findAsker } from '../../asking/asker.ts';
import { type AnyFunction, watchMethod } from '../../shared/disguise.ts';
import type { Regions } from '../inputs/zone.ts';
import { settings } from '../settings.ts';
import { noteCall } from './note-call.ts';

/** Node makes one realm of its own, e.g. when a stream of the web ends: whichever task is the first pays for all. */
const OF_NODE = 'node:internal/util';

/** Also true for a call within another one, which counts instead. */
function isByNode(wrapper: AnyFunction): boolean {
  if (ambientInputs() === undefined) return false;
  const { kind, through } = findAsker(wrapper, settings().options);
  return kind === 'varve' || through[0] === OF_NODE;
}

/**
 * Observes the making of realms and what runs in them. A realm has a `Date`, an `Intl` and a `Math` of its own, which nobody
 * watches: the time zone and the locale count as read, and the clock and chance as called, whether its code looks or not.
 */
export function installRealms(regions: Regions): void {
  const note = (call: string, wrapper: AnyFunction) => {
    if (isByNode(wrapper)) return;
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
