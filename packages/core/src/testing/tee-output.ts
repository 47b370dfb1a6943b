import { stripVTControlCharacters } from 'node:util';
import { redact } from '../task/redact.ts';
import { currentScope } from '../task/scope.ts';
import { isKept, printKept } from './kept-output.ts';
import { teeConsole } from './tee-console.ts';

type Stream = 'stdout' | 'stderr';
type Target = Pick<NodeJS.WritableStream, 'write'>;

/** What a step prints goes where it went before, and into its log: through `console`, and past it. */
export function teeOutput(): () => void {
  const { _stdout, _stderr } = console as { readonly _stdout?: unknown; readonly _stderr?: unknown };
  const targets = new Map<Target, Stream>([
    [process.stdout, 'stdout'],
    [process.stderr, 'stderr'],
  ]);
  // Somebody may have taken a method of `console` before the first test: its streams are all that it uses then.
  if (isTarget(_stdout) && !targets.has(_stdout)) targets.set(_stdout, 'stdout');
  if (isTarget(_stderr) && !targets.has(_stderr)) targets.set(_stderr, 'stderr');
  const undo = [...targets].map(([target, stream]) => teeStream(target, stream));
  undo.push(teeConsole());
  return () => {
    for (const one of undo.reverse()) one();
  };
}

function teeStream(target: Target, stream: Stream): () => void {
  const own = Object.getOwnPropertyDescriptor(target, 'write');
  const { write } = target;
  const teed = (chunk: string | Uint8Array, ...rest: []): boolean => {
    const scope = currentScope();
    if (!scope) return write.call(target, chunk as string, ...rest);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // Whether there are colours depends on the terminal that the tests run in.
    if (!isKept()) scope.write(stream, stripVTControlCharacters(text));
    const shown = redact(text);
    return printKept(() => write.call(target, (shown === text ? chunk : shown) as string, ...rest));
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
