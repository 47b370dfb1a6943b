import { Console } from 'node:console';
import { stripVTControlCharacters } from 'node:util';
import { currentScope } from '../task/scope.ts';
import { isKept, printKept } from './kept-output.ts';

type Method = (...values: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

const METHODS = [
  ...['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'dirxml', 'table', 'assert', 'count', 'countReset'],
  ...['group', 'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog'],
];

/** Prints into the log of whichever step calls it, as Node would: the console of a test runner adds what is not the step's. */
let keeping: Methods | undefined;

/** Each method of `console` prints into the log of the step that calls it, and then does what it did before. */
export function teeConsole(): () => void {
  keeping ??= createConsole() as unknown as Methods;
  const methods = console as unknown as Methods;
  const undo = METHODS.map((name) => tee(methods, name, keeping?.[name]));
  return () => {
    for (const one of undo) one();
  };
}

function tee(methods: Methods, name: string, keep: Method | undefined): () => void {
  const original = methods[name];
  if (typeof original !== 'function') return () => {};
  const teed: Method = (...values) => {
    if (!currentScope()) return original.apply(console, values);
    if (!isKept()) keep?.(...values);
    return printKept(() => original.apply(console, values));
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
