import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import type { Variables } from './variables.ts';

// Before observers have taken their places.
const { Collator, DateTimeFormat } = Intl;
const OwnDate = Date;
const { getTimezoneOffset } = Date.prototype;
const { env } = process;

/** Kept because asking costs about as much as a small task. `by`: the `TZ` it belongs to, which code may set at any time. */
let zone: { readonly name: string; readonly by: string | undefined } | undefined;
let locale: string | undefined;

/** The time zone of this process, e.g. `Europe/Berlin`: a text that differs wherever dates do. */
export function currentZone(): string {
  if (zone === undefined || zone.by !== env.TZ) zone = { name: nameZone(env.TZ), by: env.TZ };
  return zone.name;
}

/** A winter and a summer, now and long ago. */
const SAMPLES = [1_700_000_000_000, 1_720_000_000_000, 0, -2_000_000_000_000];

/**
 * The name of the zone alone where it says everything. `TZ` may also hold what has no name (`JST-9`, an unknown zone), or
 * what shares its name and is printed in another way (`GMT` and `UTC`).
 */
function nameZone(given: string | undefined): string {
  const own = new DateTimeFormat('en-US', { timeZoneName: 'long' });
  const name = own.resolvedOptions().timeZone as string | undefined;
  if (name !== undefined && name === given && name !== 'UTC') return name;
  const printed = SAMPLES.map((at) => own.format(at)).join();
  if (name !== undefined && printed === printedAs(name)) return name;
  return JSON.stringify([name ?? '', given ?? '', offsets(), printed]);
}

/** How a zone is printed that is asked for by its name; `undefined` for one that cannot be. */
function printedAs(timeZone: string): string | undefined {
  try {
    const named = new DateTimeFormat('en-US', { timeZoneName: 'long', timeZone });
    return SAMPLES.map((at) => named.format(at)).join();
  } catch {
    return undefined;
  }
}

/** Years over which the offsets of a zone without a name are compared. */
const YEARS = { first: 1900, last: 2100 } as const;

/** Minutes behind UTC in each month, where they differ from those of the month before. */
function offsets(): string {
  const found: string[] = [];
  let last: number | undefined;
  for (let month = 0; month < (YEARS.last - YEARS.first) * 12; month++) {
    const at = new OwnDate(OwnDate.UTC(YEARS.first, month));
    const offset: number = Reflect.apply(getTimezoneOffset, at, []);
    if (offset !== last) found.push(last === undefined ? String(offset) : `${at.toISOString().slice(0, 7)} ${offset}`);
    last = offset;
  }
  return found.join(', ');
}

/**
 * The locale of this process, e.g. `de-DE`. A tag with an order of its own (`de-DE-u-co-phonebk`) shows only where text is
 * compared, one with digits or a calendar of its own only elsewhere: then it is both.
 */
export function currentLocale(): string {
  locale ??= [
    ...new Set([new DateTimeFormat().resolvedOptions().locale, new Collator().resolvedOptions().locale]),
  ].join(' ');
  return locale;
}

/** Call it when `TZ` has changed. */
export function forgetZone(): void {
  zone = undefined;
}

/** Notes that code reads the time zone or the locale of this process. */
export class Regions {
  constructor(private readonly variables: Variables) {}

  readonly noteZone = (): void => {
    const inputs = ambientInputs();
    if (inputs !== undefined && !inputs.has('@tz')) this.addZone(inputs);
  };

  readonly noteLocale = (): void => {
    const inputs = ambientInputs();
    if (inputs !== undefined && !inputs.has('@locale')) inputs.read('@locale', currentLocale());
  };

  readonly noteZoneName = (): void => {
    this.noteZone();
    this.noteLocale();
  };

  private addZone(inputs: AmbientInputs): void {
    if (!this.variables.hasOwnZone(inputs)) inputs.read('@tz', currentZone());
  }
}
