import type { StoredError } from '../contract/index.ts';
import { revealedSecrets } from '../flow/authoring/registry.ts';

/** Shorter pieces are everyday words: hiding them would hide everything else. Characters. */
const SHORTEST = 4;

/** Text without the values of secrets that a step has asked for: `[secret NAME]` stands in their place. */
export function redact(text: string): string {
  let clean = text;
  // The longest first: a secret may be the beginning of another one.
  for (const [piece, name] of pieces().sort(([a], [b]) => b.length - a.length)) {
    if (clean.includes(piece)) clean = clean.replaceAll(piece, `[secret ${name}]`);
  }
  return clean;
}

function pieces(): [piece: string, name: string][] {
  return [...revealedSecrets()].flatMap(([value, name]) =>
    value
      .split(/\r?\n/)
      .filter((line) => line.length >= SHORTEST)
      .map((line): [string, string] => [line, name]),
  );
}

/** The same for everything an error says. */
export function redactError(error: StoredError): StoredError {
  if (revealedSecrets().size === 0) return error;
  return {
    ...error,
    name: redact(error.name),
    message: redact(error.message),
    ...(error.code !== undefined && { code: redact(error.code) }),
    ...(error.location !== undefined && { location: { ...error.location, file: redact(error.location.file) } }),
    ...(error.hint !== undefined && { hint: redact(error.hint) }),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && { cause: redactError(error.cause) }),
  };
}
