import { disguiseText, watchMethod } from '../../shared/disguise.ts';
import type { Regions } from './zone.ts';

export type Supports = (locales: unknown) => readonly string[];
type IntlClass = (new (...args: unknown[]) => object) & { readonly supportedLocalesOf?: Supports };

type LeftOpen = (locales: unknown) => boolean;

/**
 * Makes a function that tells when locales, as `Intl` takes them, leave the choice to the process: none is named, or none
 * that `supports` knows. Answers for single tags are kept: a sort asks for the same one again and again.
 */
export function createLeftOpen(supports: Supports): LeftOpen {
  const known = new Map<string, boolean>();
  const isUnsupported = (locales: unknown): boolean => {
    try {
      return supports(locales).length === 0;
    } catch {
      // Not a locale: the call itself will say so.
      return false;
    }
  };
  return (locales) => {
    if (locales === undefined) return true;
    if (typeof locales !== 'string') return isUnsupported(locales);
    const isOpen = known.get(locales) ?? isUnsupported(locales);
    known.set(locales, isOpen);
    return isOpen;
  };
}

/** True when locales name none, for what takes any tag: one that is not known stands for no locale and not for that of the process. */
function namesNoLocale(locales: unknown): boolean {
  if (locales === undefined || typeof locales === 'string') return locales === undefined;
  try {
    return Intl.getCanonicalLocales(locales as string[]).length === 0;
  } catch {
    // Not a locale: the call itself will say so.
    return false;
  }
}

function namesZone(options: unknown): boolean {
  return options !== null && typeof options === 'object' && (options as { timeZone?: unknown }).timeZone !== undefined;
}

/** Observes what depends on the locale of the process: `Intl`, and methods that use it. */
export function installLocales(regions: Regions): void {
  const numbers = createLeftOpen(Intl.NumberFormat.supportedLocalesOf as Supports);
  const dates = createLeftOpen(Intl.DateTimeFormat.supportedLocalesOf as Supports);
  const texts = createLeftOpen(Intl.Collator.supportedLocalesOf as Supports);
  const noteIf = (isOpen: boolean) => {
    if (isOpen) regions.noteLocale();
  };
  for (const owner of [Number.prototype, BigInt.prototype]) {
    watchMethod(owner, 'toLocaleString', (_, [locales]) => noteIf(numbers(locales)));
  }
  for (const key of ['toLocaleUpperCase', 'toLocaleLowerCase']) {
    watchMethod(String.prototype, key, (_, [locales]) => noteIf(namesNoLocale(locales)));
  }
  watchMethod(String.prototype, 'localeCompare', (_, [, locales]) => noteIf(texts(locales)));
  for (const key of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    watchMethod(Date.prototype, key, (_, [locales, options]) => {
      noteIf(dates(locales));
      if (!namesZone(options)) regions.noteZone();
    });
  }
  watchIntl(regions);
}

/** A Proxy keeps prototype, statics and `instanceof`; making a formatter costs far more than going through it. */
function watchIntl(regions: Regions): void {
  const classes = Intl as unknown as Record<string, IntlClass>;
  for (const name of Object.getOwnPropertyNames(Intl)) {
    const original = classes[name];
    if (typeof original !== 'function' || original.supportedLocalesOf === undefined) continue;
    const isOpen = createLeftOpen(original.supportedLocalesOf);
    const note = ([locales, options]: readonly unknown[]) => {
      if (isOpen(locales)) regions.noteLocale();
      if (name === 'DateTimeFormat' && !namesZone(options)) regions.noteZone();
    };
    const observed: IntlClass = new Proxy(original, {
      apply(target, self, args) {
        note(args);
        return Reflect.apply(target as never, self, args);
      },
      construct(target, args, newTarget) {
        note(args);
        return Reflect.construct(target, args, newTarget === observed ? target : newTarget) as object;
      },
    });
    const { prototype } = original as unknown as { readonly prototype: object };
    Object.defineProperty(prototype, 'constructor', { value: observed, writable: true, configurable: true });
    Object.defineProperty(Intl, name, { value: disguiseText(observed, original), writable: true, configurable: true });
  }
}
