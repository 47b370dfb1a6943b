import { Console } from 'node:console';
import { stripVTControlCharacters } from 'node:util';
import { currentScope, redact } from '@varve/core/internal';

type Method = (...values: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

const METHODS = [
  ...['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'dirxml', 'table', 'assert', 'count', 'countReset'],
  ...['group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog'],
];

/** Prints into the log of whichever step calls it, as Node would: the console of a test runner adds what is not the step's. */
let capturing: Methods | undefined;

/** Each method of `console` prints into the log of the step that calls it, and then does what it did before. */
export function captureConsole(): () => void {
  capturing ??= createConsole() as unknown as Methods;
  const methods = console as unknown as Methods;
  const undo = METHODS.map((name) => capture(methods, name, capturing?.[name]));
  return () => {
    for (const one of undo) one();
  };
}

function capture(methods: Methods, name: string, keep: Method | undefined): () => void {
  const original = methods[name];
  if (typeof original !== 'function') return () => {};
  const teed: Method = (...values) => {
    if (!currentScope()) return original.apply(console, values);
    if (!isCaptured()) keep?.(...values);
    return printCaptured(() => original.apply(console, values));
  };
  methods[name] = teed;
  return () => {
    if (methods[name] === teed) methods[name] = original;
  };
}

function createConsole(): Console {
  const sink = (stream: 'stdout' | 'stderr') => ({
    write: (text: string) => currentScope()?.write(stream, stripVTControlCharacters(text)),
  });
  return new Console({
    stdout: sink('stdout') as unknown as NodeJS.WritableStream,
    stderr: sink('stderr') as unknown as NodeJS.WritableStream,
    ignoreErrors: false,
    colorMode: false,
  });
}

type Stream = 'stdout' | 'stderr';
type Target = Pick<NodeJS.WritableStream, 'write'>;

/** What a step prints goes where it went before, and into its log: through `console`, and past it. */
export function captureOutput(): () => void {
  const { _stdout, _stderr } = console as { readonly _stdout?: unknown; readonly _stderr?: unknown };
  const targets = new Map<Target, Stream>([
    [process.stdout, 'stdout'],
    [process.stderr, 'stderr'],
  ]);
  // Somebody may have taken a method of `console` before the first test: its streams are all that it uses then.
  if (isTarget(_stdout) && !targets.has(_stdout)) targets.set(_stdout, 'stdout');
  if (isTarget(_stderr) && !targets.has(_stderr)) targets.set(_stderr, 'stderr');
  const undo = [...targets].map(([target, stream]) => captureStream(target, stream));
  undo.push(captureConsole());
  return () => {
    for (const one of undo.reverse()) one();
  };
}

function captureStream(target: Target, stream: Stream): () => void {
  const own = Object.getOwnPropertyDescriptor(target, 'write');
  const { write } = target;
  const teed = (chunk: string | Uint8Array, ...rest: []): boolean => {
    const scope = currentScope();
    if (!scope) return write.call(target, chunk as string, ...rest);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // Whether there are colours depends on the terminal that the tests run in.
    if (!isCaptured()) scope.write(stream, stripVTControlCharacters(text));
    const shown = redact(text);
    return printCaptured(() => write.call(target, (shown === text ? chunk : shown) as string, ...rest));
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

let kept = false;

/** Whether what is printed now is in the log of its step already, on its way through one stream or several. */
export function isCaptured(): boolean {
  return kept;
}

/** Prints what is in the log already. */
export function printCaptured<T>(print: () => T): T {
  const outer = kept;
  kept = true;
  try {
    return print();
  } finally {
    kept = outer;
  }
}
