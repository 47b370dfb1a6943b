import { stripVTControlCharacters } from 'node:util';
import { currentScope, redact } from '../runner/index.ts';

type Stream = 'stdout' | 'stderr';
type Target = Pick<NodeJS.WritableStream, 'write'>;

/**
 * What a step prints goes where it went before, and into its log. Test runners put a console of their own in the place of
 * the one that writes to the process: its streams are looked at too.
 */
export function teeOutput(): () => void {
  const { _stdout, _stderr } = console as { readonly _stdout?: unknown; readonly _stderr?: unknown };
  const targets = new Map<Target, Stream>([
    [process.stdout, 'stdout'],
    [process.stderr, 'stderr'],
  ]);
  if (isTarget(_stdout) && !targets.has(_stdout)) targets.set(_stdout, 'stdout');
  if (isTarget(_stderr) && !targets.has(_stderr)) targets.set(_stderr, 'stderr');
  const undo = [...targets].map(([target, stream]) => tee(target, stream));
  return () => {
    for (const one of undo) one();
  };
}

/** One of the streams may write to another one: what a step prints is kept once. */
let inside = false;

function tee(target: Target, stream: Stream): () => void {
  const own = Object.getOwnPropertyDescriptor(target, 'write');
  const { write } = target;
  const teed = (chunk: string | Uint8Array, ...rest: []): boolean => {
    const outer = inside;
    const scope = outer ? undefined : currentScope();
    const text = scope && (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    // Whether there are colours depends on the terminal that the tests run in.
    if (text !== undefined) scope?.write(stream, stripVTControlCharacters(text));
    const shown = text === undefined ? text : redact(text);
    inside = true;
    try {
      return write.call(target, (shown === text ? chunk : shown) as string, ...rest);
    } finally {
      inside = outer;
    }
  };
  target.write = teed as Target['write'];
  return () => {
    if (target.write !== teed) return;
    if (own) Object.defineProperty(target, 'write', own);
    else Reflect.deleteProperty(target, 'write');
  };
}

function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Target>).write === 'function';
}
