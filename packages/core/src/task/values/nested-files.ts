import { SerializeError } from '../../contract/index.ts';
import { isFileValue } from '../../flow/authoring/artifact-source.ts';

/** Why a value with a stored file inside it cannot be stored; `undefined` when there is none inside. */
export function nestedFileError(value: unknown): SerializeError | undefined {
  const path = findFile(value);
  if (path === undefined) return undefined;
  const message = 'a file, folder or stream can only be an artifact of its own, not part of a value: give it a field';
  return new SerializeError(message, { path });
}

/** The way to the first stored file inside plain data, Maps and Sets. */
function findFile(root: unknown): string | undefined {
  const seen = new Set<object>();
  const waiting: { readonly value: object; readonly path: string }[] = [];
  const visit = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    waiting.push({ value, path });
  };
  visit(root, '');
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    if (isFileValue(item.value)) return item.path;
    for (const [step, part] of partsOf(item.value)) visit(part, `${item.path}${step}`);
  }
  return undefined;
}

function* partsOf(value: object): Generator<readonly [step: string, part: unknown]> {
  if (Array.isArray(value)) {
    for (const [i, part] of (value as unknown[]).entries()) yield [`[${i}]`, part];
  } else if (value instanceof Map) {
    for (const [key, part] of value as Map<unknown, unknown>) yield [`.get(${String(key)})`, part];
  } else if (value instanceof Set) {
    for (const part of value as Set<unknown>) yield ['.values()', part];
  } else if (!ArrayBuffer.isView(value)) {
    for (const [name, { value: part }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      yield [/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`, part];
    }
  }
}
