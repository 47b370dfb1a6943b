import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import type { Variables } from './variables.ts';

const { DateTimeFormat } = Intl;

/** Kept because asking costs about as much as a small task. */
let zone: string | undefined;
let locale: string | undefined;

/** The time zone of this process, e.g. `Europe/Berlin`. */
export function currentZone(): string {
  zone ??= new DateTimeFormat().resolvedOptions().timeZone;
  return zone;
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
