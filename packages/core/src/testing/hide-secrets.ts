import { redact } from '../task/redact.ts';

/** Takes the values of secrets out of what a test runner will print of an error. It stays the same object. */
export function hideSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  for (const name of ['message', 'stack'] as const) {
    const text: unknown = error[name];
    if (typeof text !== 'string') continue;
    const clean = redact(text);
    // One that is frozen stays as it is.
    if (clean !== text) Reflect.set(error, name, clean);
  }
  return error;
}
