/** Methods of a stream on Node's native side by which it sends, by what they take. */
const WRITES: Readonly<Record<string, (given: unknown, isPlain: unknown) => string>> = {
  writeUtf8String: String,
  writeAsciiString: String,
  writeLatin1String: String,
  writeUcs2String: String,
  writeBuffer: textOf,
  writev: (chunks, isPlain) => textOfAll(chunks, isPlain === true),
};

/** Characters before a part that are looked at again with it: a name may be sent in two. */
const AGAIN_MAX = 8 * 1024;

/**
 * Calls `onText` with what was sent to a command so far, before each part goes to its input; of a long one with the end. A word
 * that has no end so far waits for it. `args`: those of Node's native side, which starts the command. `size`: characters of
 * all that was sent. Returns a function to call when the command has ended.
 */
export function readSent(
  [first, , , , fourth]: readonly unknown[],
  onText: (text: string, size: number) => void,
): () => void {
  const stdio = typeof first === 'object' && first !== null ? (first as { readonly stdio?: unknown }).stdio : fourth;
  const [input] = (Array.isArray(stdio) ? stdio : []) as readonly { readonly handle?: Record<string, unknown> }[];
  const handle = input?.handle;
  let text = '';
  let rest = '';
  let size = 0;
  const tell = (more: string) => {
    if (more === '') return;
    text = text.slice(-AGAIN_MAX) + more;
    size += more.length;
    onText(text, size);
  };
  const take = (more: string) => {
    const all = rest + more;
    const at = all.length > AGAIN_MAX ? all.length : all.search(/\S*$/);
    rest = all.slice(at);
    tell(all.slice(0, at));
  };
  const end = () => {
    const last = rest;
    rest = '';
    tell(last);
  };
  if (handle) watchHandle(handle, take, end);
  return end;
}

function watchHandle(handle: Record<string, unknown>, take: (more: string) => void, end: () => void): void {
  for (const name of ['shutdown', 'close']) {
    const original = handle[name];
    if (typeof original !== 'function') continue;
    handle[name] = function (this: unknown, ...given: unknown[]): unknown {
      end();
      return Reflect.apply(original, this, given);
    };
  }
  for (const [name, read] of Object.entries(WRITES)) {
    const original = handle[name];
    if (typeof original !== 'function') continue;
    handle[name] = function (this: unknown, ...given: unknown[]): unknown {
      take(read(given[1], given[2]));
      return Reflect.apply(original, this, given);
    };
  }
}

/** `isPlain`: without an encoding after each chunk. */
function textOfAll(chunks: unknown, isPlain: boolean): string {
  if (!Array.isArray(chunks)) return '';
  return chunks
    .filter((_, at) => isPlain || at % 2 === 0)
    .map(textOf)
    .join('');
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return ArrayBuffer.isView(chunk) ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : '';
}
