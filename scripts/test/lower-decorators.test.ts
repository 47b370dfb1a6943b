import { expect, it } from 'vitest';

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

it('lowers the standard form: a function and its context', () => {
  expect(new Marked().work()).toBe('done');
  expect(seen).toEqual([[Marked.prototype.work, expect.objectContaining({ kind: 'method', name: 'work' })]]);
});
