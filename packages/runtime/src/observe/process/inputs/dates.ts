import { type AnyFunction, disguise, watchMethod } from '../../shared/disguise.ts';
import { noteCall } from '../calls/note-call.ts';
import { isLocalText } from './date-text.ts';
import type { Regions } from './zone.ts';

/** Methods whose result depends on the time zone. Milliseconds do not, setting them does: it goes over local time. */
const LOCAL_METHODS = [
  ...['FullYear', 'Year', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds'].flatMap((part) => [
    `get${part}`,
    `set${part}`,
  ]),
  ...['getDay', 'getTimezoneOffset', 'setMilliseconds', 'toDateString'],
];

/** These print the name of the time zone, in the language of the locale. */
const NAMING_METHODS = ['toString', 'toTimeString'];

/** Observes `Date`: the clock, and what it takes from the time zone. `toLocaleString` and the like are left to `locales.ts`. */
export function installDates(regions: Regions): void {
  const Original = globalThis.Date;
  for (const key of LOCAL_METHODS) watchMethod(Original.prototype, key, regions.noteZone);
  for (const key of NAMING_METHODS) watchMethod(Original.prototype, key, regions.noteZoneName);
  const Observed = disguise(createDate(Original, regions), Original) as unknown as DateConstructor;
  watchMethod(Observed, 'now', (wrapper) => noteCall('Date.now', wrapper));
  watchMethod(Observed, 'parse', (_, [text]) => noteText(text, regions));
  Object.defineProperty(Original.prototype, 'constructor', { value: Observed, writable: true, configurable: true });
  globalThis.Date = Observed;
}

function createDate(Original: DateConstructor, regions: Regions): AnyFunction {
  const construct = Original as unknown as new (...args: unknown[]) => Date;
  /** A class could not be called without `new`. */
  function Observed(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) {
      noteCall('Date()', Observed);
      regions.noteZoneName();
      return Original();
    }
    if (args.length === 0) noteCall('new Date()', Observed);
    else if (args.length > 1) regions.noteZone();
    else if (typeof args[0] !== 'number') noteText(args[0], regions);
    if (new.target !== Observed) return Reflect.construct(Original, args, new.target);
    if (args.length === 0) return new Original();
    return args.length === 1 ? new construct(args[0]) : new construct(...args);
  }
  return Observed;
}

/** Of an object only a date is known not to become a text. */
function noteText(value: unknown, regions: Regions): void {
  const isPlain =
    value === null || (typeof value !== 'string' && typeof value !== 'object' && typeof value !== 'function');
  if (isPlain || value instanceof Date) return;
  if (typeof value !== 'string' || isLocalText(value)) regions.noteZone();
}
