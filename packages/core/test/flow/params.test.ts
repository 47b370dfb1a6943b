import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { param } from '../../src/flow/authoring/param.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { describeFlow } from '../../src/flow/describe/inspect-flow.ts';
import { parseParameters } from '../../src/flow/describe/parse-parameters.ts';
import { lineOf } from './line-of.ts';

const positive = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    async validate(value: unknown) {
      return typeof value === 'number' && value > 0
        ? { value }
        : { issues: [{ message: 'must be positive', path: ['n'] }] };
    },
    types: undefined as { input: number; output: number } | undefined,
  },
};

class Params extends Flow {
  folds = param.int(5, { min: 2, help: 'cross-validation folds' });
  rate = param.number({ help: 'learning rate', max: 1 });
  label = param.string('x', { pattern: /^[a-z]+$/ });
  verbose = param.boolean(false);
  size = param.enum(['big', 'small'], 'big', { help: 'of the model' });
  source = param.url('https://example.org/a', { protocols: ['https'] });
  extra = param.json<{ a: number }>({ default: { a: 1 } });
  weight = param(positive, { default: 3 });
  twice = this.folds * 2;

  @step()
  go() {}
}

class Files extends Flow {
  text = param.file({ as: 'text' });
  bytes = param.file({ maxBytes: 3 });

  @step()
  go() {}
}

const cli = (value: unknown) => ({ value, from: 'command line', text: typeof value === 'string' });

it('parameters take defaults and texts from flags, each by its kind', async () => {
  const parsed = await parseParameters(Params, {
    folds: cli('7'),
    rate: cli('2.5e-1'),
    verbose: cli('yes'),
    size: cli('small'),
    extra: cli('{"a":2}'),
    weight: cli('4'),
  });
  expect(parsed.findings).toEqual([]);
  expect(parsed.values).toEqual({
    folds: 7,
    rate: 0.25,
    label: 'x',
    verbose: true,
    size: 'small',
    source: 'https://example.org/a',
    extra: { a: 2 },
    weight: 4,
  });
  expect(parsed.shown).toMatchObject({ folds: '7', extra: '{"a":2}', size: 'small' });
});

it('parameters report all mistakes at once, with help, source and line', async () => {
  const { findings } = await parseParameters(Params, {
    folds: cli('1'),
    label: cli('A'),
    verbose: cli('maybe'),
    size: cli('tiny'),
    source: cli('http://x.org'),
    extra: cli('{'),
    weight: { value: -1, from: 'params.json' },
    fold: cli('3'),
  });
  const messages = findings.map((f) => f.message);
  expect(messages).toContain('folds=1: must be >= 2 (cross-validation folds). From: command line.');
  expect(messages).toContain('size=tiny: must be one of big, small (of the model). From: command line.');
  expect(messages).toContain('weight=-1: .n: must be positive. From: params.json.');
  expect(messages).toContain("the flow has no parameter 'fold'. From: command line.");
  expect(findings.find((f) => f.code === 'VARVE_PARAM_UNKNOWN')?.hint).toBe("Did you mean 'folds'?");
  expect(findings.find((f) => f.code === 'VARVE_PARAM_MISSING')).toMatchObject({
    message: 'rate is required (learning rate), and nothing was given',
    location: { line: lineOf(import.meta.filename, 'rate = param.number(') },
  });
  expect(findings).toHaveLength(9);
});

it.each([['1.5'], ['abc'], ['9007199254740993'], [''], [true], [null]])(
  'an int parameter refuses %j',
  async (value) => {
    const { findings } = await parseParameters(Params, { folds: cli(value), rate: cli(0) });
    expect(findings.map((f) => f.code)).toEqual(['VARVE_PARAM_VALUE']);
  },
);

it('a json parameter keeps a text that code passes', async () => {
  const { values } = await parseParameters(Params, {
    rate: cli(0),
    extra: { value: 'plain', from: 'code', text: false },
  });
  expect(values.extra).toBe('plain');
});

it('a file parameter has the content of the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'varve-'));
  try {
    const path = join(folder, 'a.txt');
    await writeFile(path, 'héé');
    const { values, shown, findings } = await parseParameters(Files, { text: cli(path), bytes: cli(path) });
    expect(values.text).toBe('héé');
    expect(shown.text).toBe(path);
    expect(findings.map((f) => f.message)).toEqual([expect.stringContaining('has 5 bytes, at most 3 are allowed')]);
    const gone = await parseParameters(Files, { text: cli(join(folder, 'b')), bytes: cli(new Uint8Array([1])) });
    expect(gone.findings.map((f) => f.message)).toEqual([expect.stringContaining('there is no such file')]);
    expect(gone.values.bytes).toEqual(new Uint8Array([1]));
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('describing a flow finds a parameter that is no field, and a default outside of its limits', () => {
  class Wrong extends Flow {
    folds = param.int(5) * 2;
    least = param.int(1, { min: 2 });
    fmt = () => 1;

    @step()
    go() {}
  }
  const { findings, params } = describeFlow(Wrong);
  expect(params.map((p) => p.name)).toEqual(['least']);
  expect(findings.map((f) => f.code)).toEqual([
    'VARVE_PARAM_NOT_A_FIELD',
    'VARVE_FIELD_FUNCTION',
    'VARVE_PARAM_DEFAULT',
  ]);
  expect(findings[0]?.location?.line).toBe(lineOf(import.meta.filename, 'folds = param.int(5) * 2;'));
});

it('describing a flow succeeds when initialisers use required parameters', () => {
  class Needs extends Flow {
    data = param.json<{ rows: string[] }>();
    first = this.data.rows.map((r) => r.toUpperCase()).join();

    @step()
    go() {}
  }
  expect(describeFlow(Needs)).toMatchObject({ findings: [], params: [{ name: 'data', required: true }] });
});

it('describing a flow reports a failing constructor as a finding', () => {
  class Fails extends Flow {
    broken = JSON.parse('{') as number;

    @step()
    go() {}
  }
  expect(describeFlow(Fails).findings).toMatchObject([{ code: 'VARVE_CONSTRUCTOR' }]);
});

it('parameters of a class constructed outside of a run have their defaults or throw', () => {
  class Alone extends Flow {
    folds = param.int(5);
  }
  class Required extends Flow {
    folds = param.int();
  }
  expect(new Alone().folds).toBe(5);
  expect(() => new Required()).toThrow(expect.objectContaining({ code: 'VARVE_PARAM_OUTSIDE_RUN' }));
});
