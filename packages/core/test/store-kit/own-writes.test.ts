import { describe, expect, it } from 'vitest';
import type { Body } from '../../src/contract/index.ts';
import { newMark, OwnWrites } from '../../src/store-kit/own-writes.ts';

const body = (): Body => ({ size: 0, async *open() {} });

describe('attempts whose outcome is not known', () => {
  it('are told by their marks, all of those of one body and key', () => {
    const own = new OwnWrites();
    const mine = body();
    expect(own.isUnsure(mine, 'a')).toBe(false);
    const marks = [newMark(), newMark()];
    for (const mark of marks) own.remember(mine, 'a', mark);
    expect(own.isUnsure(mine, 'a')).toBe(true);
    expect(marks.map((mark) => own.holds(mine, 'a', mark))).toEqual([true, true]);
    expect([newMark(), '', undefined].map((mark) => own.holds(mine, 'a', mark))).toEqual([false, false, false]);
  });

  it('are those of the same body and the same key only', () => {
    const own = new OwnWrites();
    const mine = body();
    own.remember(mine, 'a', 'mark');
    expect([own.isUnsure(body(), 'a'), own.isUnsure(mine, 'b')]).toEqual([false, false]);
    expect([own.holds(body(), 'a', 'mark'), own.holds(mine, 'b', 'mark')]).toEqual([false, false]);
  });

  it('are forgotten', () => {
    const own = new OwnWrites();
    const mine = body();
    own.remember(mine, 'a', 'mark');
    own.forget(mine, 'a');
    expect([own.isUnsure(mine, 'a'), own.holds(mine, 'a', 'mark')]).toEqual([false, false]);
  });
});
