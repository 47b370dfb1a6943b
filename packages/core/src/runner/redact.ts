import type { StoredError } from '../contract/index.ts';
import { revealedSecrets } from '../flow/index.ts';

/** Shorter pieces are everyday words: hiding them would hide everything else. Characters. */
const SHORTEST = 4;

/** Text without the values of secrets that a step has asked for: `[secret NAME]` stands in their place. */
export function redact(text: string): string {
  let clean = text;
  for (const [value, name] of revealedSecrets()) {
    for (const line of value.split(/\r?\n/)) {
      if (line.length >= SHORTEST && clean.includes(line)) clean = clean.replaceAll(line, `[secret ${name}]`);
    }
  }
  return clean;
}

/** The same for everything an error says. */
export function redactError(error: StoredError): StoredError {
  if (revealedSecrets().size === 0) return error;
  return {
    ...error,
    message: redact(error.message),
    ...(error.hint !== undefined && { hint: redact(error.hint) }),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && { cause: redactError(error.cause) }),
  };
}
