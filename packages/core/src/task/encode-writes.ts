import { SerializeError, VarveError, type WrittenArtifact } from '../contract/index.ts';
import type { Values } from './values/values.ts';

/** Most values on their way into the store at once: a slow store lets each of them wait. */
const AT_ONCE = 16;
/** Encoded bytes beyond which the next value is encoded only when another one is stored. */
const UNDER_WAY_MAX = 32 * 1024 * 1024;

/** Encodes what a task assigned, in order, and stores what is not small. Throws `VARVE_NOT_STORABLE` with the field's path. */
export async function encodeWrites(
  label: string,
  writes: ReadonlyMap<string, unknown>,
  values: Pick<Values, 'write' | 'bytesUnderWay'>,
): Promise<Record<string, WrittenArtifact>> {
  const done = new Map<string, WrittenArtifact>();
  const open = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (const [name, value] of writes) {
    const fail = (error: unknown) => {
      failure ??= { error: SerializeError.is(error) ? unstorable(label, name, error) : error };
    };
    const work = values
      .write(value)
      .then((written) => void done.set(name, written), fail)
      .finally(() => open.delete(work));
    open.add(work);
    while (open.size >= AT_ONCE || (open.size > 0 && values.bytesUnderWay > UNDER_WAY_MAX)) await Promise.race(open);
    if (failure) break;
  }
  await Promise.all(open);
  if (failure) throw failure.error;
  const encoded: Record<string, WrittenArtifact> = Object.create(null);
  for (const name of writes.keys()) encoded[name] = done.get(name) as WrittenArtifact;
  return encoded;
}

function unstorable(label: string, name: string, error: SerializeError): VarveError {
  const { what, wayOut } = saidOnce(error);
  return new VarveError('VARVE_NOT_STORABLE', `${label} assigned this.${name}${error.path}: ${what}`, {
    cause: error,
    hint: wayOut || 'Store plain data instead, or mark the field @transient so that it is not stored.',
  });
}

/** A serializer's message may name the value, and a way out after its first sentence: neither is shown twice. */
function saidOnce({ message, path }: SerializeError): { readonly what: string; readonly wayOut: string } {
  const subject = path === '' ? 'the value ' : `${path} `;
  const [first = '', ...more] = message.split('. ');
  return { what: first.startsWith(subject) ? `it ${first.slice(subject.length)}` : first, wayOut: more.join('. ') };
}
