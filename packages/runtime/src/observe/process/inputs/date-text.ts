/** ISO: a date alone is in UTC; with a time of day it is so only with a zone. */
const ISO = /^[+-]?\d{4,6}(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d))?$/;
/** As in headers of HTTP and mail: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HEADER = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|UTC|[+-]\d{4})$/;

/** True when the moment that a text names may depend on the time zone. */
export function isLocalText(text: string): boolean {
  return !ISO.test(text) && !HEADER.test(text);
}
