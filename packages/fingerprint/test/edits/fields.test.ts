import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

runScenario({
  name: 'the initialiser of an artifact is not part of a step, that of a field made in every task is',
  files: {
    'flow.ts': flow(
      `import { makePool } from './pool.ts';
const CAPACITY = 2;`,
      `  sizes = [1, 2]; idle = CAPACITY; rows!: unknown;
  #cache = new Map([[1, CAPACITY]]);
  @transient pool = makePool();
  format = (x: number) => x + 1;
  #derived = this.sizes.length;
  #set = 0;
  constructor() { super(); this.idle = 3; this.#set = 1; }
  @step() reads() { this.rows = this.sizes.length; }
  @step({ after: 'reads' }) hidden() { this.rows = this.#cache.size; }
  @step({ after: 'hidden' }) kept() { this.rows = this.pool; }
  @step({ after: 'kept' }) calls() { this.rows = this.format(1); }
  @step({ after: 'calls' }) derives() { this.rows = this.#derived; }
  @step({ after: 'derives' }) set() { this.rows = this.#set; }
  @step({ after: 'set' }) spreads() { this.rows = { ...this }; }`,
    ),
    'pool.ts': 'export const makePool = () => ({ open: true });\n',
  },
  edits: [
    edit('the value of an artifact', ['derives'], { 'flow.ts': [['sizes = [1, 2]', 'sizes = [1, 2, 3]']] }),
    // More than necessary: the constructor that assigns `#set` also assigns `idle`.
    edit('the value of an artifact that no step reads', ['set'], { 'flow.ts': [['idle = CAPACITY', 'idle = 9']] }),
    edit('a constant behind a private field', ['hidden', 'set'], { 'flow.ts': [['CAPACITY = 2', 'CAPACITY = 4']] }),
    edit('the function that makes a transient field', ['kept', 'spreads'], { 'pool.ts': [['true', 'false']] }),
    edit('a field that holds a function', ['calls', 'spreads'], { 'flow.ts': [['x + 1', 'x + 2']] }),
    edit('the constructor', ['set'], { 'flow.ts': [['this.idle = 3', 'this.idle = 4']] }),
    edit('an added artifact', [], { 'flow.ts': [['rows!: unknown', 'rows!: unknown; more!: number']] }),
  ],
});

const top = `import { retries, salt } from './options.ts';`;
runScenario({
  name: 'only the options of a step that affect its result are part of its fingerprint',
  files: {
    'flow.ts': flow(
      top,
      `  models = [1]; big = true; rows!: unknown; oops!: unknown;
  @step({ retry: 2, timeout: '5m', cache: { version: 1, ttl: '1d' } }) load() { this.rows = 1; }
  @step({ after: 'load', retry: { times: retries }, concurrency: 2, effect: { key: salt } }) send() { this.rows = 2; }
  @step({ after: ['send'], when: 'big', catch: 'oops' }) check() { this.rows = 3; }
  @step({ after: 'check', foreach: 'models', inputs: 'mutable' }) train(model: number) { this.rows = model; }
  @step({ join: 'train' }) report(runs: unknown[]) { this.rows = runs.length; }`,
    ),
    'options.ts': `export const retries = 3;\nexport const salt = 'a';\n`,
  },
  edits: [
    edit('retry', [], { 'flow.ts': [['retry: 2', 'retry: 3']] }),
    edit('timeout, ttl', [], {
      'flow.ts': [
        ["'5m'", "'6m'"],
        ["'1d'", "'2d'"],
      ],
    }),
    edit('placement options added', [], {
      'flow.ts': [["timeout: '5m'", "timeout: '5m', runner: 'process', rate: '1/s'"]],
    }),
    edit('a constant used by a placement option', [], { 'options.ts': [['3', '4']] }),
    edit('the order of options', [], { 'flow.ts': [["when: 'big', catch: 'oops'", "catch: 'oops', when: 'big'"]] }),
    edit('cache: false', ['load'], { 'flow.ts': [["cache: { version: 1, ttl: '1d' }", 'cache: false']] }),
    edit('the version', ['load'], { 'flow.ts': [['version: 1', 'version: 2']] }),
    edit('a constant used by a result option', ['send'], { 'options.ts': [["'a'", "'b'"]] }),
    edit('the step that it runs after', ['send'], { 'flow.ts': [["after: 'load', retry", "after: 'init', retry"]] }),
    edit('when', ['check'], { 'flow.ts': [["when: 'big'", 'when: { big: true }']] }),
    edit('catch', ['check'], { 'flow.ts': [["catch: 'oops'", "catch: 'rows'"]] }),
    edit('foreach', ['train'], { 'flow.ts': [["foreach: 'models'", "foreach: 'big'"]] }),
    edit('inputs', ['train'], { 'flow.ts': [["inputs: 'mutable'", "inputs: 'frozen'"]] }),
    edit('the body of a step that other steps name', ['train'], {
      'flow.ts': [['this.rows = model', 'this.rows = -model']],
    }),
    edit('join', ['report'], { 'flow.ts': [["join: 'train'", "join: 'check'"]] }),
    edit('an unknown option', ['report'], { 'flow.ts': [["join: 'train'", "join: 'train', image: salt"]] }),
  ],
});

runScenario({
  name: 'a decorator of the user is part of the step it decorates',
  files: {
    'flow.ts': flow(
      `import { traced, LEVEL } from './traced.ts';`,
      `  rows!: unknown;
  @step() @traced(LEVEL) one() { this.rows = 1; }
  @step({ after: 'one' }) two() { this.rows = this.helper(); }
  @step({ after: 'two' }) three() { this.rows = 3; }
  @traced(2) helper() { return 1; }`,
    ),
    'traced.ts': `export const LEVEL = 1;\nexport function traced(level: number) { return (method: unknown) => level > 0 ? method as never : undefined as never; }\n`,
  },
  edits: [
    edit('the argument of a decorator', ['one'], { 'traced.ts': [['LEVEL = 1', 'LEVEL = 2']] }),
    edit('the code of a decorator', ['one', 'two'], { 'traced.ts': [['level > 0', 'level > 1']] }),
    edit('the argument of a decorator on a helper', ['two'], { 'flow.ts': [['@traced(2)', '@traced(3)']] }),
  ],
});
