import { describe, expect, it } from 'vitest';
import { Leftovers } from '../../src/task/attempt/leftovers.ts';
import { SharedThread, type Stay } from '../../src/task/attempt/shared-thread.ts';

/** A thread whose changes the test makes. */
function thread() {
  const changes: string[] = [];
  const thread = new SharedThread();
  const shared = {
    begin: (hasLeftovers?: boolean) => thread.begin(hasLeftovers),
    end: (stay: Stay) => thread.end(stay),
    look: (stays: readonly Stay[]) => thread.look(stays, changes),
  };
  return { changes, shared };
}

function taskIn(shared: Pick<SharedThread, 'begin' | 'end'>): Stay {
  const stay = shared.begin();
  shared.end(stay);
  return stay;
}

const kept = (...stays: readonly Stay[]) => stays.map(({ reason }) => reason === undefined);

describe('of tasks in one thread', () => {
  it('all are kept while nothing has changed', () => {
    const { shared } = thread();
    const stays = [taskIn(shared), taskIn(shared)];
    shared.look(stays);
    expect(kept(...stays)).toEqual([true, true]);
  });

  it('only the first since the last look is kept when something has changed by the next one', () => {
    const { shared, changes } = thread();
    shared.look([taskIn(shared)]);
    const stays = [taskIn(shared), taskIn(shared), taskIn(shared)];
    changes.push('Math.random replaced');
    shared.look(stays);
    expect(kept(...stays)).toEqual([true, false, false]);
    expect(stays[1]?.reason).toContain('Math.random replaced');
  });

  it('none that begins with the change there is kept, and those that begin after it was taken back are', () => {
    const { shared, changes } = thread();
    changes.push('Math.random replaced');
    shared.look([taskIn(shared)]);
    const during = taskIn(shared);
    changes.pop();
    shared.look([during]);
    const after = taskIn(shared);
    shared.look([after]);
    expect(kept(during, after)).toEqual([false, true]);
  });

  it('none that ran beside another one is kept', () => {
    const { shared, changes } = thread();
    const first = shared.begin();
    const second = shared.begin();
    changes.push('Math.random replaced');
    shared.end(first);
    shared.look([first]);
    shared.end(second);
    shared.look([second]);
    expect(kept(first, second)).toEqual([false, false]);
  });

  it('one that runs alone may change what it likes', () => {
    const { shared, changes } = thread();
    const alone = shared.begin();
    changes.push('Math.random replaced');
    shared.look([]);
    shared.end(alone);
    shared.look([alone]);
    expect(kept(alone)).toEqual([true]);
  });

  it('the first since the last look is not kept either when something that another one left running may have changed it', () => {
    const { shared, changes } = thread();
    const stay = shared.begin(true);
    changes.push('Math.random replaced');
    shared.end(stay);
    shared.look([stay]);
    expect(kept(stay)).toEqual([false]);
  });
});

describe('what ended tasks have left running', () => {
  it('is what was not there when there was least', () => {
    const resources = ['TCPServerWrap', 'Immediate'];
    const leftovers = new Leftovers(() => resources);
    expect(leftovers.areActive()).toBe(false);
    resources.push('Timeout');
    expect(leftovers.areActive()).toBe(true);
    resources.length = 0;
    expect(leftovers.areActive()).toBe(false);
    resources.push('MessagePort');
    expect(leftovers.areActive()).toBe(false);
  });
});
