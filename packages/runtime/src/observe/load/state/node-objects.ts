import { Readable, Writable } from 'node:stream';

/** By the names that their prototypes have. Nobody can look at how far they are without going on. */
const ITERATORS =
  /^(Array|Map|Set|String|RegExp String|Segmenter String) Iterator$|^(Async )?Iterator Helper$|^Wrap for Iterator$/;
/** Classes of Node's `crypto` and `string_decoder` whose objects keep what they were given. */
const KEEPING: Readonly<Record<string, string>> = {
  Hash: 'crypto',
  Hmac: 'crypto',
  Sign: 'crypto',
  Verify: 'crypto',
  Cipheriv: 'crypto',
  Decipheriv: 'crypto',
  StringDecoder: 'string_decoder',
};

let looks = 0;

/**
 * What tells the state of an object of Node or of the language that keeps it where no property shows it; `undefined` for
 * others. Of one that cannot be looked at, another text each time: who uses it has changed it.
 */
export function hiddenState(object: object): string | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null) return undefined;
  const tag = tagOf(prototype);
  if (ITERATORS.test(tag) || isKeeping(prototype)) return String(++looks);
  if (tag === 'AbortController') return String((object as AbortController).signal.aborted);
  if (tag === 'AbortSignal') return String((object as AbortSignal).aborted);
  if (tag === 'Response' || tag === 'Request') return String((object as Response).bodyUsed);
  if (tag === 'ReadableStream') return String(Readable.isDisturbed(object as never));
  return streamState(object);
}

/** What was read from a stream, and whether it goes on; of one that is only written to, whether it goes on. */
function streamState(object: object): string | undefined {
  const facts: unknown[] = [];
  if (object instanceof Readable) facts.push(object.readableDidRead, object.readableLength, object.readableEnded);
  else if (!(object instanceof Writable)) return undefined;
  const { writableEnded, destroyed } = object as Partial<Writable>;
  return [...facts, writableEnded, destroyed].join();
}

function tagOf(prototype: object): string {
  const tag: unknown = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value;
  return typeof tag === 'string' ? tag : '';
}

function isKeeping(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function' || !Object.hasOwn(KEEPING, maker.name)) return false;
  const module = process.getBuiltinModule(KEEPING[maker.name] as string);
  // Node 24 gives out another function for some, because calling it is deprecated; its prototype is the same.
  const given = (module as unknown as Record<string, { readonly prototype?: unknown }>)[maker.name];
  return given?.prototype === prototype;
}
