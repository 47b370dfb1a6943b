import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, Project, type Result } from '../../support/project.ts';

const FIELDS = `
import { Flow, param, secret, step, transient } from 'varve';

class Pool { ask(n: number) { return n + 1; } }
export const imported = { helper: (n: number) => n * 2 };

abstract class Base extends Flow {
  factor = param.int(4);
  shared: string[] = ['from the base'];
  protected scaled(n: number) { return n * this.factor; }
  @step() begin() { this.shared = [...this.shared, this.name()]; }
  name() { return 'base'; }
}

export default class Fields extends Base {
  static limit = 7;
  static describe(n: number) { return 'limit ' + n; }
  #calls = 10;
  #double(n: number) { this.#calls++; return n * 2; }
  @transient pool = new Pool();
  apiKey = secret('FIELDS_API_KEY');
  rows: number[] = [1, 2, 3];
  late?: string;
  result!: Record<string, unknown>;
  leak!: string;
  gone?: string = 'to be deleted';

  get total() { return this.rows.reduce((sum, row) => sum + row, 0); }
  override name() { return 'derived'; }

  @step({ after: 'begin' }) work() {
    this.late = 'set';
    delete this.gone;
    this.rows = [...this.rows, this.total];
    this.leak = 'key ' + this.apiKey + ' ' + JSON.stringify({ key: this.apiKey });
    console.log('length of the key', this.apiKey.value().length, this.apiKey);
    this.result = {
      total: this.total, scaled: this.scaled(2), private: this.#double(3), calls: this.#calls, pool: this.pool.ask(1),
      static: Fields.describe(Fields.limit), imported: imported.helper(2), shared: this.shared, names: Object.keys(this).sort(),
      has: ['late' in this, 'gone' in this, 'nowhere' in this],
    };
  }
  @step({ after: 'work' }) again() { this.result = { ...this.result, callsAgain: this.#calls, rows: this.rows, late: this.late, gone: this.gone ?? null }; }
}
`;

const VALUES = `
import { Flow, step } from 'varve';
export default class Values extends Flow {
  bytes!: Uint8Array; map!: Map<string, Date>; set!: Set<bigint>; circle!: { self?: unknown }; error!: Error; odd!: unknown[]; same!: boolean; url!: URL;
  @step() make() {
    this.bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    this.map = new Map([['moon', new Date(0)]]);
    this.set = new Set([2n ** 70n]);
    this.circle = {}; this.circle.self = this.circle;
    this.error = new TypeError('outer', { cause: new RangeError('inner') });
    this.odd = [undefined, NaN, -0, /a+/gi, Infinity];
    this.url = new URL('https://example.org/a?b');
  }
  @step({ after: 'make' }) check() {
    this.same = this.bytes[69_999] === 69_999 % 251 && this.map.get('moon')!.getTime() === 0 && this.set.has(2n ** 70n)
      && this.circle.self === this.circle && this.error instanceof TypeError && (this.error.cause as Error).message === 'inner'
      && Number.isNaN(this.odd[1]) && Object.is(this.odd[2], -0) && (this.odd[3] as RegExp).flags === 'gi' && this.url.search === '?b';
  }
}
`;

describe('the fields of a flow', () => {
  const project = new Project({ 'fields.ts': FIELDS, 'values.ts': VALUES });
  let run: Result;
  let result: Record<string, unknown>;
  beforeAll(async () => {
    run = await project.varve(['run', 'fields.ts'], { FIELDS_API_KEY: 'sk-do-not-tell' });
    expectCode(run, 0);
    result = await project.json('artifacts', 'get', '@last', 'result');
  });

  it('include getters, helpers, statics and inherited members with parameters in every step', () => {
    expect(result).toMatchObject({ total: 12, scaled: 8, static: 'limit 7', imported: 4, rows: [1, 2, 3, 6] });
    expect(result.shared).toEqual(['from the base', 'derived']);
  });

  it('are initialised again in each task when they are #private or @transient', () => {
    expect(result).toMatchObject({ private: 6, calls: 11, callsAgain: 10, pool: 2 });
  });

  it('are own properties for existing artifacts, and only for these', () => {
    expect(result.has).toEqual([true, false, false]);
    expect(result).toMatchObject({ late: 'set', gone: null });
    expect(result.names).toEqual(expect.arrayContaining(['factor', 'late', 'rows', 'shared']));
    for (const hidden of ['pool', 'apiKey', 'gone', 'run', 'total']) expect(result.names).not.toContain(hidden);
  });

  it('never store or print a secret', async () => {
    expect(await project.json('artifacts', 'get', '@last', 'leak')).toBe(
      'key [secret FIELDS_API_KEY] {"key":"[secret FIELDS_API_KEY]"}',
    );
    expect(run.stderr).toContain('length of the key 14 [secret FIELDS_API_KEY]');
    expect(run.stderr).not.toContain('sk-do-not-tell');
    const { artifacts } = await project.json<{ artifacts: object }>('artifacts', 'ls', '--json');
    expect(Object.keys(artifacts)).not.toContain('apiKey');
    expect(Object.keys(artifacts)).not.toContain('pool');
  });

  it('report a missing secret with the line that needs it', async () => {
    const missing = await project.varve(['run', 'fields.ts', '--cache', 'off'], { FIELDS_API_KEY: '' });
    expectCode(missing, 1);
    expect(missing.stderr).toContain('the secret FIELDS_API_KEY is not set');
    expect(missing.stderr).toMatch(/fields\.ts:3\d/);
  });

  it('keep values exactly, also those that JSON cannot represent', async () => {
    expectCode(await project.varve(['run', 'values.ts']), 0);
    expect(await project.json('artifacts', 'get', 'Values/@last', 'same')).toBe(true);
    const map = await project.varve(['artifacts', 'get', 'Values/@last', 'map']);
    expect(map).toMatchObject({ code: 0, stdout: "Map(1) { 'moon' => 1970-01-01T00:00:00.000Z }\n" });
    const circle = await project.varve(['artifacts', 'get', 'Values/@last', 'circle', '--json']);
    expectCode(circle, 2);
    expect(circle.stderr).toContain("JSON cannot say what 'circle' holds");
    expect(circle.stdout).toBe('');
    await project.varve(['artifacts', 'get', 'Values/@last', 'bytes', '-o', 'out.bin']);
    const bytes = readFileSync(project.path('out.bin'));
    expect([bytes.length, bytes[251], bytes[69_999]]).toEqual([70_000, 0, 69_999 % 251]);
  });
});
