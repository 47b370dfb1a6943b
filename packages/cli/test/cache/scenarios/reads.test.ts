import { describe, expect, it } from 'vitest';
import { type RanOptions, ran } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

/** Source of a flow with these members. */
const flowOf = (members: string) => `import { Flow, param, step, type View } from 'varve';
export default class Reads extends Flow {
${members}
}
`;

/** Makes a project that has run once, and a function that runs it again. */
async function warm(members: string, args: readonly string[] = [], options: RanOptions = {}) {
  const project = new Project({ 'reads.ts': flowOf(members) });
  await ran(project, ['reads.ts', ...args], options);
  return {
    project,
    again: (more: readonly string[] = args, other: RanOptions = options) => ran(project, ['reads.ts', ...more], other),
    value: (name: string) => project.json<unknown>('artifacts', 'get', '@last', name),
  };
}

describe('a cached step', () => {
  it('misses when an artifact appears that it had found absent (scenario 12)', async () => {
    const { again, value } = await warm(`
      more = param.boolean(false);
      a!: number; extra?: number; seen!: string;
      @step() make() { this.a = 1; if (this.more) this.extra = 2; }
      @step({ after: 'make' }) look() { this.seen = 'extra' in this ? 'there' : 'not there'; }`);
    const { status, why } = await again(['--more']);
    expect(status).toEqual({ make: 'succeeded', look: 'succeeded' });
    expect(why.look).toBe('READ extra changed');
    expect(await value('seen')).toBe('there');
    expect((await again([])).status).toEqual({ make: 'cached', look: 'cached' });
    expect(await value('seen')).toBe('not there');
  });

  it('misses when the artifact names change that it had enumerated (scenario 13)', async () => {
    const { again, value } = await warm(`
      more = param.boolean(false);
      a!: number; extra?: number; seen!: string; plain!: number;
      @step() make() { this.a = 1; if (this.more) this.extra = 2; }
      @step({ after: 'make' }) look() { this.seen = Object.keys(this).filter((name) => name !== 'more').join(); }
      @step({ after: 'make' }) other() { this.plain = this.a; }`);
    const { status, why } = await again(['--more']);
    expect(status).toEqual({ make: 'succeeded', look: 'succeeded', other: 'cached' });
    expect(why.look).toBe('READ the set of its artifacts changed');
    expect(await value('seen')).toBe('a,extra');
  });

  it('hits for equal values, however the engine represents them (scenario 14)', async () => {
    const { again } = await warm(
      `
      way = param.enum(['plain', 'odd'], 'plain');
      numbers!: number[]; text!: string; zeros!: number[]; key!: Record<string, number>; got!: string;
      @step() make() {
        const odd = this.way === 'odd';
        const doubles = [1.5, 2, 3];
        doubles[0] = 1;
        this.numbers = odd ? doubles : [1, 2, 3];
        this.text = odd ? 'a long sentence of which a slice is taken'.slice(2, 30) : 'long sentence of which a sli';
        this.zeros = odd ? new Array(3).fill(0) : [0, 0, 0];
        const grown: Record<string, number> = {};
        grown.a = 1; grown.gone = 0; grown.b = 2; delete grown.gone;
        this.key = odd ? grown : { a: 1, b: 2 };
      }
      @step({ after: 'make' }) use() { this.got = JSON.stringify([this.numbers, this.text, this.zeros, this.key]); }`,
      ['--way', 'plain'],
    );
    expect((await again(['--way', 'odd'])).status).toEqual({ make: 'succeeded', use: 'cached' });
  });

  it('restores values exactly that JSON cannot represent, and distinguishes similar ones (scenario 15)', async () => {
    const { again, value } = await warm(
      `
      odd = param.boolean(true);
      values!: unknown; bytes!: Uint8Array; floats!: Float32Array; seen!: string;
      @step() make() {
        this.values = this.odd
          ? [NaN, -0, undefined, new Date(5), new Map([[1, new Set(['a'])]]), 10n ** 30n, Infinity]
          : [null, 0, null, '1970-01-01T00:00:00.005Z', {}, '1000000000000000000000000000000', null];
        this.bytes = new Uint8Array([0, 255]);
        this.floats = new Float32Array([0.5, -0]);
      }
      @step({ after: 'make' }) look() {
        const list = this.values as unknown[];
        const inner = (list[4] as Map<number, Set<string>>).get?.(1);
        this.seen = [
          ...list.slice(0, 2).map((x) => (Object.is(x, NaN) ? 'NaN' : Object.is(x, -0) ? '-0' : String(x))),
          typeof list[2], list[3] instanceof Date, inner?.has('a'), typeof list[5], list[6],
          this.bytes instanceof Uint8Array, [...this.bytes], this.floats instanceof Float32Array, Object.is(this.floats[1], -0),
        ].join();
      }`,
      ['--odd'],
    );
    const expected = 'NaN,-0,undefined,true,true,bigint,Infinity,true,0,255,true,true';
    expect(await value('seen')).toBe(expected);
    expect((await again(['--odd', '--force', 'look'])).status, 'decoded on a hit').toEqual({
      make: 'cached',
      look: 'succeeded',
    });
    expect(await value('seen')).toBe(expected);
    expect((await again(['--odd'])).status).toEqual({ make: 'cached', look: 'cached' });
    expect((await again(['--no-odd'])).status).toEqual({ make: 'succeeded', look: 'succeeded' });
    expect(await value('seen')).toBe('null,0,object,false,,string,,true,0,255,true,true');
  });

  it('hits as a join when artifacts of its tasks change that it does not read (scenario 17)', async () => {
    const { again } = await warm(`
      note = param.string('a');
      items = [1, 2]; score!: number; remark!: string; sum!: number;
      @step({ foreach: 'items' }) each(item: number) { this.score = item; this.remark = this.note; }
      @step({ join: 'each' }) join(tasks: readonly View<Reads>[]) { this.sum = tasks.reduce((s, t) => s + t.score, 0); }`);
    const { status } = await again(['--note', 'b']);
    expect(status).toEqual({ 'each[1#0]': 'succeeded', 'each[2#1]': 'succeeded', join: 'cached' });
  });

  it('hits as a join when artifacts of its branches change that it does not read (scenario 17)', async () => {
    const { again } = await warm(`
      note = param.string('a');
      score!: number; remark!: string; other!: number; sum!: number;
      @step() left() { this.score = 1; this.remark = this.note; }
      @step() right() { this.other = 2; }
      @step({ after: ['left', 'right'] }) both(inputs: { left: View<Reads>; right: View<Reads> }) {
        this.sum = inputs.left.score + inputs.right.other;
      }`);
    expect((await again(['--note', 'b'])).status).toEqual({ left: 'succeeded', right: 'cached', both: 'cached' });
  });

  it('misses when a parameter changes that it reads, and only then (scenario 18)', async () => {
    const { again } = await warm(
      `
      n = param.int(1); m = param.int(1); a!: number; b!: number;
      @step() one() { this.a = this.n; }
      @step({ after: 'one' }) two() { this.b = this.m; }`,
      ['--n', '1'],
    );
    const { status, why } = await again(['--n', '1', '--m', '2']);
    expect(status).toEqual({ one: 'cached', two: 'succeeded' });
    expect(why.two).toBe('READ m changed');
  });

  it('selects the same branch and the same list as when it was executed (scenario 20)', async () => {
    const { again } = await warm(`
      kind!: string; list!: number[]; a!: number; b!: number; c!: number;
      @step() choose() { this.kind = 'big'; this.list = [3, 4]; }
      @step({ after: 'choose', when: { kind: 'big' } }) big() { this.a = 1; }
      @step({ after: 'choose', when: { kind: 'small' } }) small() { this.b = 1; }
      @step({ after: 'choose', foreach: 'list' }) each(n: number) { this.c = n; }`);
    expect((await again()).status).toEqual({
      choose: 'cached',
      big: 'cached',
      small: 'skipped',
      'each[3]': 'cached',
      'each[4]': 'cached',
    });
  });

  it('never hits when it reads the id of the run, with that reason', async () => {
    const { again } = await warm(`
      a!: string; b!: string;
      @step() stamp() { this.a = this.run.id; }
      @step({ after: 'stamp' }) plain() { this.b = 'b'; }`);
    const { status, why } = await again();
    expect(status).toEqual({ stamp: 'succeeded', plain: 'cached' });
    expect(why.stamp).toBe('READ this.run.id, which it reads, changed');
  });

  it('deletes the artifacts on a hit that it deleted when it was executed', async () => {
    const { again, value } = await warm(`
      big?: string; left!: string;
      @step() make() { this.big = 'x'; }
      @step({ after: 'make' }) drop() { delete this.big; }
      @step({ after: 'drop' }) look() { this.left = String('big' in this); }`);
    expect(await value('left')).toBe('false');
    expect((await again(['--force', 'look'])).status).toEqual({ make: 'cached', drop: 'cached', look: 'succeeded' });
    expect(await value('left')).toBe('false');
  });

  it(`with inputs: 'mutable' stores changed values, and is looked up by the unchanged ones`, async () => {
    const { again, value } = await warm(`
      n = param.int(1); rows!: number[]; other = [1]; sum!: number;
      @step() make() { this.rows = [this.n, 2]; }
      @step({ after: 'make', inputs: 'mutable' }) grow() { this.rows.push(10); void this.other[0]; }
      @step({ after: 'grow' }) add() { this.sum = this.rows.reduce((a, b) => a + b, 0); }`);
    expect((await again()).status).toEqual({ make: 'cached', grow: 'cached', add: 'cached' });
    expect(await value('sum')).toBe(13);
    expect((await again(['--force', 'add'])).status).toMatchObject({ grow: 'cached', add: 'succeeded' });
    expect(await value('sum')).toBe(13);
    expect((await again(['--n', '2'])).why.grow).toBe('READ rows changed');
    expect(await value('sum')).toBe(14);
  });
});
