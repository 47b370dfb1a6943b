import { expect, it } from 'vitest';
import { type DecoratorFlavour, lowerDecorators } from '../lower-decorators.ts';

const seen: unknown[][] = [];

function record(...args: unknown[]): void {
  seen.push(args);
}

class Marked {
  @record
  work(): string {
    return 'done';
  }
}

it('the tests of this project run with standard decorators: a function and its context', () => {
  expect(new Marked().work()).toBe('done');
  expect(seen).toEqual([[Marked.prototype.work, expect.objectContaining({ kind: 'method', name: 'work' })]]);
});

const SOURCE = 'declare const record: any;\nclass Marked {\n  @record work() {}\n}\nnew Marked();\n';

/** Runs the lowered code, and returns the arguments of the decorator. */
async function argumentsUnder(flavour: DecoratorFlavour): Promise<unknown[]> {
  const lowered = await lowerDecorators(flavour).transform(SOURCE, '/flow.ts?v=1');
  const calls: unknown[][] = [];
  new Function('record', lowered?.code ?? '')((...args: unknown[]) => void calls.push(args));
  return calls[0] ?? [];
}

it('lowering decorators takes the flavour of the project, whatever a tsconfig says', async () => {
  expect(await argumentsUnder('standard')).toEqual([expect.any(Function), expect.objectContaining({ kind: 'method' })]);
  expect(await argumentsUnder('legacy')).toEqual([expect.any(Object), 'work', expect.any(Object)]);
});

it('lowering decorators leaves files without one, and files that are not TypeScript, to Vite', async () => {
  const plain = '/** @param x */\nconst mail = "a@b";\n';
  expect(await lowerDecorators('legacy').transform(plain, '/plain.ts')).toBeUndefined();
  expect(await lowerDecorators('legacy').transform(SOURCE, '/flow.css')).toBeUndefined();
});
