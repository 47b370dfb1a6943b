import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import type { Variables } from './variables.ts';

const { DateTimeFormat } = Intl;
/** Node's own: observers may have taken its place by the time it is read. */
const { env } = process;

/** Kept because asking costs about as much as a small task. `by`: the `TZ` it belongs to, which code may set at any time. */
let zone: { readonly name: string; readonly by: string | undefined } | undefined;
let locale: string | undefined;

/** The time zone of this process, e.g. `Europe/Berlin`. */
export function currentZone(): string {
  if (zone === undefined || zone.by !== env.TZ) {
    zone = { name: new DateTimeFormat().resolvedOptions().timeZone, by: env.TZ };
  }
  return zone.name;
}

/** The locale of this process, e.g. `de-DE`. */
export function currentLocale(): string {
  locale ??= new DateTimeFormat().resolvedOptions().locale;
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
