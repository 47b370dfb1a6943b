import type {
  Reference,
  RunTaskOptions,
  TaskLogLine,
  TaskOutcome,
  TaskRunner,
  TaskSpec,
  WrittenArtifact,
} from '@varve/core/contract';

/** The values of the runner's tasks, by digest. */
export class Values {
  readonly #byDigest = new Map<string, unknown>();

  store(value: unknown): Reference {
    const digest = `test:${this.#byDigest.size}`;
    this.#byDigest.set(digest, value);
    return { digest, size: 1, codec: 'test/1' };
  }

  load(reference: Reference): unknown {
    return this.#byDigest.get(reference.digest);
  }
}

class Lost extends Error {
  constructor(readonly digest: string) {
    super(`${digest} is gone`);
  }
}

interface Task {
  read(name: string): unknown;
  write(name: string, value: unknown): void;
  delete(name: string): void;
  log(stream: TaskLogLine['stream'], text: string): void;
  /** Records a read of a field of the context. */
  context(field: string): void;
  readonly element: readonly [unknown, number];
  readonly spec: TaskSpec;
}

class NonRetryable extends Error {}

/** The steps of `runnerFlow` as functions, so that the tests of the kit need no compiler. */
const STEPS: Readonly<Record<string, (task: Task) => unknown>> = {
  assign(task) {
    task.write('a', 1);
    task.write('b', { text: 'x' });
  },
  add: (task) => task.write('sum', Number(task.read('x')) + Number(task.read('y'))),
  double: (task) => task.write('twice', String(task.read('text')).repeat(2)),
  look: (task) => task.write('found', task.read('missing') !== undefined),
  remove: (task) => task.delete('x'),
  fail() {
    throw new RangeError('out of range ✗');
  },
  refuse() {
    throw new NonRetryable('never again');
  },
  toss() {
    throw 'a string';
  },
  element(task) {
    task.context('element');
    task.context('index');
    task.write('got', task.element);
  },
  place(task) {
    task.context('run.id');
    task.context('run.attempt');
  },
  draw: (task) => task.write('drawn', [Number.parseInt(task.spec.seed ?? '', 16), task.spec.now]),
  swallow: (task) => task.write('got', task.read('x')),
  hang: () => new Promise<never>(() => undefined),
  spin: () => new Promise<never>(() => undefined),
  exit() {
    throw new Error('the worker ended');
  },
  print(task) {
    task.log('stdout', 'to stdout');
    task.log('stderr', 'to stderr');
    task.write('a', 1);
  },
  unstorable() {
    throw new NonRetryable('the field handler is a function');
  },
};

/** A correct runner in this process, on which the broken ones are based. */
export class ScriptedRunner implements TaskRunner {
  readonly name: string = 'scripted';
  readonly capabilities: TaskRunner['capabilities'] = { isolation: 'thread', width: 4 };
  readonly #values: Values;

  constructor(values: Values) {
    this.#values = values;
  }

  async run(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    const [writes, reads, deletes] = [new Map<string, WrittenArtifact>(), new Set<string>(), new Set<string>()];
    const last = spec.elements.at(-1);
    const list = last === undefined ? [] : (this.#values.load(last.list) as readonly unknown[]);
    const task: Task = {
      read: (name) => {
        const reference = spec.inputs[name];
        reads.add(reference === undefined ? `!${name}` : name);
        return reference && this.#load(reference);
      },
      write: (name, value) => writes.set(name, { reference: this.#values.store(value) }),
      delete: (name) => deletes.add(name),
      log: (stream, text) => options.onLog?.({ task: spec.task, label: spec.label, stream, text }),
      context: (field) => reads.add(`@${field}`),
      spec,
      element: [list[last?.index ?? 0], last?.index ?? 0],
    };
    try {
      await Promise.race([stopped(spec, options), Promise.resolve(task).then(STEPS[spec.step])]);
    } catch (error) {
      return failed(error, options);
    }
    return { ok: true, ms: 0, writes: Object.fromEntries(writes), deletes: [...deletes], reads: [...reads].sort() };
  }

  #load(reference: Reference): unknown {
    const value = this.#values.load(reference);
    if (value === undefined) throw new Lost(reference.digest);
    return value;
  }

  async close(): Promise<void> {
    // Nothing to stop.
  }
}

/** Rejects at the abort, and at a fraction of the timeout, to keep the tests of the kit fast. */
function stopped({ timeoutMs }: TaskSpec, { signal }: RunTaskOptions): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (timeoutMs !== undefined) setTimeout(() => reject(new Error('timed out')), timeoutMs / 100);
  });
}

function failed(error: unknown, { signal }: RunTaskOptions): TaskOutcome {
  const stored =
    error instanceof Error ? { name: error.name, message: error.message } : { name: 'thrown', message: String(error) };
  const lost = error instanceof Lost ? { lost: error.digest } : {};
  const outcome = { ok: false as const, ms: 0, error: stored, retryable: !(error instanceof NonRetryable), ...lost };
  return signal?.aborted === true ? { ...outcome, cancelled: true } : outcome;
}
