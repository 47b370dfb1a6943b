import { StoreError, type StoreErrorCode, VarveError } from '@varve/core/contract';

/** The message of anything thrown, without user and password of an address in it. */
export function redact(error: unknown): string {
  return messageOf(error).replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1***@');
}

/** Several addresses of one name fail together: Node gives that error no message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

/** What servers say that is not cured by asking again: Redis by the first word, Postgres by a code. */
const ANSWERS: readonly (readonly [RegExp, StoreErrorCode])[] = [
  [/^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|28000|28P01|42501)\b/, 'permission-denied'],
  [/^(OOM|MISCONF|53100|53200)\b/, 'no-space'],
  [/^(3D000|3F000|42P01|42703)\b/, 'unexpected'],
];

/**
 * The error of a store as one of varve's. The original is not its cause: clients hang the address of the server on their errors,
 * with the password in it.
 */
export function storeError(name: string, what: string, error: unknown): StoreError {
  const text = redact(error);
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const known = ANSWERS.find(([said]) => said.test(text) || (typeof code === 'string' && said.test(code)));
  return new StoreError(known?.[1] ?? 'unavailable', `${name} could not ${what}: ${text}`);
}

/** The error of something stored that cannot be what varve has written. */
export function damaged(name: string, key: string, why: string): VarveError {
  return new VarveError('VARVE_CORRUPT_JOURNAL', `${key} in ${name} is damaged: ${why}.`, {
    hint: 'Put it back from a backup, or run the flow again. A store that drops keys, as Redis does with an eviction policy, cannot keep journals.',
  });
}
