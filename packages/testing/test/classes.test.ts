import { Flow, step, transient } from '@varve/core';
import { describe, expect, it } from 'vitest';

import { runStep, testFlow } from './flows.ts';

abstract class Base extends Flow {
  static readonly factor = 3;
  list = [1, 2];
  sum!: number;

  @step() add() {
    this.sum = this.scaled(this.list.reduce((a, b) => a + b, 0));
  }

  scaled(n: number): number {
    return n * Base.factor;
  }
}

class Derived extends Base {
  static made = 0;
  #calls = 0;
  @transient client = { fetch: () => 'fetched' };
  said!: string;
  calls!: number;

  constructor() {
    super();
    Derived.made++;
  }

  override scaled(n: number): number {
    this.#calls++;
    return super.scaled(n) + this.bonus;
  }

  get bonus() {
    return 0.5;
  }

  @step({ after: 'add' }) say() {
    this.said = `${this.client.fetch()} ${this.constructor.name}`;
    this.calls = this.#calls;
  }
}

describe('A flow class with inheritance, private fields and helpers', () => {
  it('runs in testFlow', async () => {
    const run = await testFlow(Derived);
    expect(run.error).toBeUndefined();
    expect([run.artifacts.sum, run.artifacts.said, run.artifacts.calls]).toEqual([9.5, 'fetched Derived', 0]);
    expect(Object.keys(run.artifacts)).not.toContain('client');
  });

  it('runs step by step in runStep', async () => {
    expect((await runStep(Derived, 'add', { list: [2] })).sum).toBe(6.5);
    expect((await runStep(Derived, 'say')).said).toBe('fetched Derived');
  });

  it('lets a stub use helpers, getters and, through them, private fields', async () => {
    const run = await testFlow(Derived, {
      stub: {
        add() {
          this.sum = this.scaled(1) + Derived.factor;
        },
      },
    });
    expect(run.artifacts.sum).toBe(6.5);
  });

  it('may be abstract, because its constructor can be called', async () => {
    expect((await testFlow(Base)).artifacts.sum).toBe(9);
  });
});

describe('testFlow and runStep', () => {
  it('refuse an invalid flow with all of its mistakes', async () => {
    class Undecorated extends Flow {
      load() {}
    }
    class Wrong extends Flow {
      @step({ after: 'nowhere' as never }) a() {}
      @step({ retry: -1 }) b() {}
    }
    const codes = { code: 'VARVE_FLOW_INVALID', findings: [{ code: 'VARVE_NO_STEPS' }] };
    await expect(testFlow(Undecorated)).rejects.toMatchObject(codes);
    await expect(runStep(Undecorated, 'load')).rejects.toMatchObject(codes);
    const mistakes = [{ code: 'VARVE_UNKNOWN_STEP' }, { code: 'VARVE_STEP_OPTION' }];
    await expect(testFlow(Wrong)).rejects.toMatchObject({ findings: mistakes });
    await expect(runStep(Wrong, 'b')).rejects.toMatchObject({ findings: mistakes });
  });

  it('name the value that is not a flow class', async () => {
    class Other {}
    const notFlows: [unknown, string][] = [
      [Other, 'Other'],
      [Flow, 'Flow'],
      [undefined, 'undefined'],
      [new Derived(), 'an object'],
    ];
    for (const [given, name] of notFlows) {
      await expect(testFlow(given as never)).rejects.toMatchObject({
        code: 'VARVE_NO_FLOW',
        message: `a test was given ${name}, which is not a class that extends Flow`,
      });
    }
    await expect(runStep(null as never, 'x' as never)).rejects.toMatchObject({ code: 'VARVE_NO_FLOW' });
  });
});
