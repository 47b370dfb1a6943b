import { Console } from 'node:console';
import { stripVTControlCharacters } from 'node:util';
import { currentScope, redact } from '@varve/core/internal';

type Method = (...values: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

const METHODS = [
  ...['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'dirxml', 'table', 'assert', 'count', 'countReset'],
  ...['group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog'],
];

/** A console of Node's own, which prints into the log of the step that calls it: that of a test runner adds text of its own. */
let capturing: Methods | undefined;

/** Makes each method of `console` print into the log of the step that calls it, then do what it did before. Returns the undo. */
export function captureConsole(): () => void {
  capturing ??= createConsole() as unknown as Methods;
  const methods = console as unknown as Methods;
  const undo = METHODS.map((name) => capture(methods, name, capturing?.[name]));
  return () => {
    for (const one of undo) one();
  };
}

function capture(methods: Methods, name: string, print: Method | undefined): () => void {
  const original = methods[name];
  if (typeof original !== 'function') return () => {};
  const captured: Method = (...values) => {
    if (!currentScope()) return original.apply(console, values);
    if (!isCaptured()) print?.(...values);
    return printCaptured(() => original.apply(console, values));
  };
  methods[name] = captured;
  return () => {
    if (methods[name] === captured) methods[name] = original;
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

/** Copies the output of each step into its log, printed through `console` or past it. Returns the undo. */
export function captureOutput(): () => void {
  const { _stdout, _stderr } = console as { readonly _stdout?: unknown; readonly _stderr?: unknown };
  const targets = new Map<Target, Stream>([
    [process.stdout, 'stdout'],
    [process.stderr, 'stderr'],
  ]);
  // A method taken from `console` before the first test writes to the streams of the console alone.
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
  const captured = (chunk: string | Uint8Array, ...rest: []): boolean => {
    const scope = currentScope();
    if (!scope) return write.call(target, chunk as string, ...rest);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    // The terminal that the tests run in decides on colours: a log is the same with and without it.
    if (!isCaptured()) scope.write(stream, stripVTControlCharacters(text));
    const shown = redact(text);
    return printCaptured(() => write.call(target, (shown === text ? chunk : shown) as string, ...rest));
  };
  target.write = captured as Target['write'];
  return () => {
    if (target.write !== captured) return;
    if (own) Object.defineProperty(target, 'write', own);
    else Reflect.deleteProperty(target, 'write');
  };
}

function isTarget(value: unknown): value is Target {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Target>).write === 'function';
}

let captured = false;

/** True while text is printed that the log of its step holds already: it may pass through several streams. */
export function isCaptured(): boolean {
  return captured;
}

/** Prints text that the log holds already. */
export function printCaptured<T>(print: () => T): T {
  const outer = captured;
  captured = true;
  try {
    return print();
  } finally {
    captured = outer;
  }
}
