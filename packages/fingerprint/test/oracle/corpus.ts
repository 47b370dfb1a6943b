import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The sources of the package `effect`: several hundred real modules. */
const SOURCES = join(dirname(createRequire(import.meta.url).resolve('effect/package.json')), 'src');

/** One file in `every`, or with `VARVE_FP_FULL=1` the whole corpus. */
export function corpusFiles(every: number): readonly { readonly name: string; readonly text: string }[] {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const step = process.env.VARVE_FP_FULL ? 1 : every;
  return names
    .filter((_, i) => i % step === 0)
    .map((name) => ({ name, text: readFileSync(join(SOURCES, name), 'utf8') }));
}

/** Steps over the corpus, each in a file of its own. */
export const CORPUS_STEPS: Readonly<Record<string, string>> = {
  arrays: `import * as Array from '../corpus/Array.js';\nimport { pipe } from '../corpus/Function.js';\nexport const arrays = () => pipe([1, 2, 3], Array.map((x) => x + 1), Array.dedupe);\n`,
  options: `import * as Option from '../corpus/Option.js';\nexport const options = () => Option.getOrElse(Option.some(1), () => 0);\n`,
  effects: `import * as Effect from '../corpus/Effect.js';\nexport const effects = () => Effect.runSync(Effect.map(Effect.succeed(1), (x) => x + 1));\n`,
  schemas: `import * as Schema from '../corpus/Schema.js';\nexport const schemas = () => Schema.decodeUnknownSync(Schema.Struct({ a: Schema.Number }))({ a: 1 });\n`,
  plain: `export const plain = () => 1 + 1;\n`,
};

export interface CorpusProject {
  readonly root: string;
  readonly flow: string;
  remove(): void;
}

/** A project whose flow has one step for each of `steps`, with the corpus as local source. */
export function corpusProject(code = CORPUS_STEPS): CorpusProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-fp-corpus-')));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  cpSync(SOURCES, join(root, 'corpus'), { recursive: true, dereference: true });
  write('package.json', '{ "name": "app", "type": "module" }');
  write('node_modules/varve/package.json', '{ "name": "varve", "version": "1.0.0", "main": "index.js" }');
  write('node_modules/varve/index.js', 'exports.Flow = class {}; exports.step = () => () => {};');
  const fastCheck = dirname(createRequire(import.meta.url).resolve('fast-check/package.json'));
  symlinkSync(fastCheck, join(root, 'node_modules/fast-check'), 'junction');
  for (const [name, text] of Object.entries(code)) write(`steps/${name}.ts`, text);
  const names = Object.keys(code);
  const imports = names.map((name) => `import { ${name} } from './steps/${name}.ts';`).join('\n');
  const steps = names.map(
    (name, i) =>
      `  @step(${i > 0 ? `{ after: '${names[i - 1]}Step' }` : ''}) async ${name}Step() { this.out = await ${name}(); }`,
  );
  write(
    'flow.ts',
    `import { Flow, step } from 'varve';\n${imports}\nexport default class Example extends Flow {\n  out: unknown;\n${steps.join('\n')}\n}\n`,
  );
  return { root, flow: join(root, 'flow.ts'), remove: () => rmSync(root, { recursive: true, force: true }) };
}
