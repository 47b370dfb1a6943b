import { watchMethod } from '../../shared/disguise.ts';
import { noteCall } from '../calls/note-call.ts';
import { createLeftOpen, type Supports } from './locales.ts';
import type { Regions } from './zone.ts';

/** Names of `Temporal.Now` that ask only the clock, or only the time zone. */
const CLOCK_ONLY = 'instant';
const ZONE_ONLY = 'timeZoneId';

/** Observes `Temporal`, where there is one: what it takes from the clock, the time zone and the locale. */
export function installTemporal(regions: Regions): void {
  const { Temporal } = globalThis as { readonly Temporal?: Readonly<Record<string, object>> };
  if (!Temporal) return;
  const isOpen = createLeftOpen(Intl.DateTimeFormat.supportedLocalesOf as Supports);
  const { Now = {}, ...classes } = Object.fromEntries(
    Object.getOwnPropertyNames(Temporal).map((name) => [name, Temporal[name] as { readonly prototype?: object }]),
  );
  for (const key of Object.getOwnPropertyNames(Now)) {
    watchMethod(Now, key, (wrapper, [zone]) => {
      if (key !== ZONE_ONLY) noteCall(`Temporal.Now.${key}`, wrapper);
      if (key !== CLOCK_ONLY && zone === undefined) regions.noteZone();
    });
  }
  for (const { prototype } of Object.values(classes)) {
    if (!prototype) continue;
    watchMethod(prototype, 'toLocaleString', (_, [locales]) => {
      if (isOpen(locales)) regions.noteLocale();
      regions.noteZone();
    });
  }
}
