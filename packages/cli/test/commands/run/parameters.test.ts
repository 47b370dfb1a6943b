import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

const ALL = `
import { Flow, param, step } from 'varve';
import { range } from './schema.ts';

export default class All extends Flow {
  maxDepth = param.int(3, { min: 1, max: 9, help: 'how deep' });
  rate = param.number(0.5);
  title = param.string('none');
  dryRun = param.boolean(false);
  cautious = param.boolean(true);
  mode = param.enum(['fast', 'exact'], 'fast');
  source = param.url('https://example.org/a');
  extra = param.json<{ a?: number } | null>({ default: null });
  note = param.file('note.txt', { as: 'text' });
  blob = param.file('note.txt');
  span = param(range, { default: '1-2' });
  fromEnv = param.string('default');
  doubled = this.maxDepth * 2;
  result!: Record<string, unknown>;
  @step() collect() {
    const { maxDepth, rate, title, dryRun, cautious, mode, source, extra, note, span, fromEnv, doubled } = this;
    this.result = { maxDepth, rate, title, dryRun, cautious, mode, source, extra, note, span, fromEnv, doubled, blob: [...this.blob] };
  }
}
`;

/** A Standard Schema without a library: parses \`1-2\` to \`{ from: 1, to: 2 }\`. */
const SCHEMA = `
export const range = { '~standard': { version: 1 as const, vendor: 'test', types: undefined as unknown as { input: string; output: { from: number; to: number } },
  validate: async (given: unknown) => {
    const match = typeof given === 'string' ? /^(\\d+)-(\\d+)$/.exec(given) : null;
    return match ? { value: { from: Number(match[1]), to: Number(match[2]) } } : { issues: [{ message: 'must look like 1-2', path: ['from'] }] };
  } } };
`;

const REQUIRED = `
import { Flow, param, step } from 'varve';
export default class Needs extends Flow {
  /** no default */ folds = param.int({ min: 2, help: 'cross-validation folds' });
  upTo = param.number({ max: 1 });
  @step() go() {}
}
`;

describe('parameters of varve run', () => {
  const project = new Project({
    'all.ts': ALL,
    'schema.ts': SCHEMA,
    'needs.ts': REQUIRED,
    'note.txt': 'hé',
    'params.json': '{ "title": "from the file", "rate": 2.5, "fromEnv": "from the file", "extra": { "a": 1 } }',
  });
  const resultOf = (run: string) => project.json<Record<string, unknown>>('artifacts', 'get', run, 'result');

  it('have their defaults without values', async () => {
    expectCode(await project.varve(['run', 'all.ts', '-q']), 0);
    expect(await resultOf('All/1')).toEqual({
      maxDepth: 3,
      rate: 0.5,
      title: 'none',
      dryRun: false,
      cautious: true,
      mode: 'fast',
      source: 'https://example.org/a',
      extra: null,
      note: 'hé',
      blob: [104, 195, 169],
      span: { from: 1, to: 2 },
      fromEnv: 'default',
      doubled: 6,
    });
  });

  it('are read from flags in every kind; a flag wins over environment, file and default', async () => {
    project.write('other.txt', 'other');
    const flags = [
      ...['--max-depth', '7', '--dry-run', '--no-cautious', '--mode=exact', '--source', 'https://example.org/b'],
      ...['--note', 'other.txt', '--blob=other.txt', '--span', '5-8', '--title', 'from the flag'],
    ];
    const env = { VARVE_PARAM_TITLE: 'from the environment', VARVE_PARAM_FROM_ENV: 'from the environment' };
    const run = expectCode(await project.varve(['run', 'all.ts', ...flags, '--params', 'params.json', '-q'], env), 0);
    expect(run.stdout).toBe('');
    expect(await resultOf('All/2')).toEqual({
      maxDepth: 7,
      rate: 2.5,
      title: 'from the flag',
      dryRun: true,
      cautious: false,
      mode: 'exact',
      source: 'https://example.org/b',
      extra: { a: 1 },
      note: 'other',
      blob: [...Buffer.from('other')],
      span: { from: 5, to: 8 },
      fromEnv: 'from the environment',
      doubled: 14,
    });
  });

  it('are read from standard input with --params -, and negative numbers from flags', async () => {
    const input = '{ "title": "-", "maxDepth": 2 }';
    expectCode(await project.varve(['run', 'all.ts', '--rate=-1.5', '--params', '-', '-q'], {}, { input }), 0);
    expect(await resultOf('All/3')).toMatchObject({ title: '-', rate: -1.5, maxDepth: 2 });
    expectCode(await project.varve(['run', 'all.ts', '--rate', '-2', '-q']), 0);
    expect(await resultOf('All/4')).toMatchObject({ rate: -2 });
  });

  it('keep JSON as it is written: text stays text, and no number is rounded', async () => {
    const big = '12345678901234567890';
    project.write('texts.json', '{ "extra": "123" }');
    const extra = async (env: Record<string, string>, ...args: string[]) => {
      expectCode(await project.varve(['run', 'all.ts', ...args, '-q'], env), 0);
      return (await resultOf('@last')).extra;
    };
    expect(await extra({}, '--extra', '123')).toBe(123);
    expect(await extra({}, '--extra', '"123"')).toBe('123');
    expect(await extra({ VARVE_PARAM_EXTRA: '"hello"' })).toBe('hello');
    expect(await extra({}, '--params', 'texts.json')).toBe('123');
    expect(await extra({}, '--extra', `["${big}", 1e30, 9007199254740992]`)).toEqual([big, 1e30, 2 ** 53]);
    const flag = expectCode(await project.varve(['run', 'all.ts', '--extra', `{ "id": ${big} }`]), 2);
    expect(flag.stderr).toContain(`the number ${big} is too large to be exact: write it as text, "${big}"`);
    project.write('texts.json', `{ "extra": { "id": ${big} } }`);
    const file = expectCode(await project.varve(['run', 'all.ts', '--params', 'texts.json']), 2);
    expect(file.stderr).toContain(`--params texts.json: the number ${big} is too large to be exact`);
  });

  it('are read after -- when they have the name of an option of varve run', async () => {
    project.write(
      'taken.ts',
      `import { Flow, param, step } from 'varve';
      export default class Taken extends Flow {
        tag = param.string('none'); limit = param.int(1); @step() go() {} }`,
    );
    expectCode(await project.varve(['run', 'taken.ts', '--limit', '2', '--tag', 'label', '--', '--tag', 'value']), 0);
    const { run } = await project.json<{ run: object }>('show', '--json');
    expect(run).toMatchObject({ tags: ['label'], parameters: { tag: 'value', limit: '2' } });
    expect((await project.varve(['run', 'taken.ts', '--help'])).stdout).toMatch(/-- --tag <string> +default none/);
  });

  it('are listed by --help', async () => {
    const { stdout } = expectCode(await project.varve(['run', 'all.ts', '--help']), 0);
    expect(stdout).toMatch(/--max-depth <int>\s+default 3, from 1, to 9\s+how deep/);
    expect(stdout).toMatch(/--mode <enum>\s+default fast, one of fast, exact/);
    expect(stdout).toContain('--no-cautious');
    expect((await project.varve(['run', 'needs.ts', '--help'])).stdout).toMatch(/--folds <int>\s+required/);
    expect(stdout).toMatch(/--fail-fast +stop everything/);
    expect((await project.varve(['run', '--help'])).stdout).toContain('Usage: varve run');
    expect(await project.varve(['run'])).toMatchObject({ code: 2, stderr: expect.stringContaining("argument 'file'") });
  });

  describe('with mistakes', () => {
    const mistakes = async (...args: string[]) => {
      const run = expectCode(await project.varve(['run', ...args]), 2);
      expectNoStack(run);
      expect(run.stdout).toBe('');
      return run.stderr;
    };
    let runsBefore: number;
    beforeAll(async () => {
      runsBefore = (await project.json<{ runs: unknown[] }>('list', '--json')).runs.length;
    });

    it('are all reported at once, with value, reason, help text and source', async () => {
      const said = await mistakes(
        'all.ts',
        '--max-depth',
        '0',
        '--rate',
        'much',
        '--mode',
        'slow',
        '--span',
        'x',
        '--note',
        'nowhere.txt',
      );
      expect(said).toContain('maxDepth=0: must be >= 1 (how deep). From: command line.');
      expect(said).toContain('rate=much: must be a number');
      expect(said).toContain('mode=slow: must be one of fast, exact');
      expect(said).toContain('span=x: .from: must look like 1-2');
      expect(said).toContain('note=nowhere.txt: there is no such file');
    });

    it('are reported with their variable or file', async () => {
      const run = await project.varve(['run', 'all.ts'], { VARVE_PARAM_MAX_DEPTH: 'deep' });
      expect(run).toMatchObject({ code: 2 });
      expect(run.stderr).toContain('deep: must be a whole number (how deep). From: VARVE_PARAM_MAX_DEPTH.');
      project.write('bad.json', '{ "rate": "x", "nowhere": 1 }');
      const said = await mistakes('all.ts', '--params', 'bad.json');
      expect(said).toContain("no parameter 'nowhere'. From: bad.json.");
      expect(said).toContain('From: bad.json.');
      expect(await mistakes('all.ts', '--params', 'missing.json')).toContain(
        '--params missing.json: there is no such file',
      );
      project.write('broken.json', '{ "rate": ');
      expect(await mistakes('all.ts', '--params', 'broken.json')).toContain('--params broken.json: ');
    });

    it('are reported when unknown, with the nearest known one, or without a value', async () => {
      const said = await mistakes('all.ts', '--max-dept', '3', 'stray');
      expect(said).toContain('--max-dept is neither an option of varve run nor a parameter of All');
      expect(said).toContain('Did you mean --max-depth?');
      expect(said).not.toContain("'3'");
      expect(said).toContain("'stray' is one argument too many");
      expect(await mistakes('all.ts', '--title')).toContain('--title needs a value');
    });

    it('are reported when missing', async () => {
      const said = await mistakes('needs.ts');
      expect(said).toContain('folds is required (cross-validation folds)');
      expect(said).toContain('--folds <int>');
      expect(said).toContain('upTo is required');
      expect(said).toContain('--up-to <number>');
      expect(said).toContain('VARVE_PARAM_UP_TO');
    });

    it('start no run', async () => {
      const { runs } = await project.json<{ runs: unknown[] }>('list', '--json');
      expect(runs.length).toBe(runsBefore);
    });
  });
});
