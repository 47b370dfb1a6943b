import { inspect } from 'node:util';
import { type ContextField, type TaskSpec, VarveError } from '../../contract/index.ts';
import type { ArtifactAccess, FlowDescription, RunContext } from '../../flow/index.ts';
import { wallNow } from '../scope/own-clock.ts';
import type { AttemptAbort } from './step-scope.ts';
import type { TaskReads } from './task-reads.ts';

/** Makes `this.run` of a step. Calls `onRead` for each field read that depends on the run or the element. */
export function createRunContext(
  spec: TaskSpec,
  abort: AttemptAbort,
  onRead: (field: ContextField) => void,
): RunContext {
  const read = <T>(field: ContextField, value: T): T => {
    onRead(field);
    return value;
  };
  return printable({
    get flow() {
      return read('run.flow', spec.flow);
    },
    get id() {
      return read('run.id', spec.runId);
    },
    get number() {
      return read('run.number', spec.runNumber);
    },
    step: spec.step,
    get task() {
      return read('run.task', spec.task);
    },
    element: elementOf(spec, read),
    get attempt() {
      return read('run.attempt', spec.attempt);
    },
    get origin() {
      return read('run.origin', spec.origin);
    },
    get signal() {
      return abort.signal;
    },
    log(message: string, fields?: object) {
      process.stdout.write(`${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}\n`);
    },
  });
}

/** Reading `element` itself is not recorded: the graph decides if there is one. Its fields are. */
function elementOf(spec: TaskSpec, read: <T>(field: ContextField, value: T) => T): RunContext['element'] {
  const element = spec.elements.at(-1);
  return (
    element &&
    printable({
      get index() {
        return read('index', element.index);
      },
      get label() {
        return read('label', element.label);
      },
    })
  );
}

/** Freezes the fields, and prints their values in place of `[Getter]`: printing counts as reading them. */
function printable<T extends object>(fields: T): T {
  Object.defineProperty(fields, inspect.custom, { value: () => ({ ...fields }) });
  return Object.freeze(fields);
}

/** Makes the access of a task's instance to its artifacts, its run, random numbers and time. */
export function accessOf(
  spec: TaskSpec,
  description: FlowDescription,
  reads: TaskReads,
  abort: AttemptAbort,
): ArtifactAccess {
  const parameters = new Set(description.params.map((p) => p.name));
  let run: RunContext | undefined;
  let next: (() => number) | undefined;
  return {
    names: Object.keys(spec.inputs),
    load: (name) => reads.field(name),
    conflict: (name) => conflictError(spec, name),
    isParameter: (name) => parameters.has(name),
    run() {
      run ??= createRunContext(spec, abort, (field) => reads.record.context(field));
      return run;
    },
    random() {
      next ??= randomOf(spec, reads);
      return next();
    },
    now: () => spec.now ?? wallNow(),
  };
}

function randomOf(spec: TaskSpec, reads: TaskReads): () => number {
  if (spec.seed === undefined) {
    throw new VarveError('VARVE_NO_SEED', `${spec.step} calls this.random(), but its runner was given no seed`, {
      hint: 'Use the same version of varve and of the runner plugin, or draw from a generator of your own.',
    });
  }
  if (spec.elements.length > 0) reads.record.context('seed');
  return createRandom(spec.seed);
}

/** Names the step, not the task: a step that catches the error must not learn its element from it. */
function conflictError(spec: TaskSpec, name: string): VarveError | undefined {
  const branches = spec.conflicts && Object.hasOwn(spec.conflicts, name) ? spec.conflicts[name] : undefined;
  if (!branches) return undefined;
  return new VarveError(
    'VARVE_BRANCHES_DIFFER',
    `${spec.step} reads '${name}', but ${branches.join(' and ')} left different values of it`,
    {
      hint: `Read it from one branch: inputs.${branches[0]}.${name}, or assign this.${name} where the branches join.`,
    },
  );
}

/** Outputs of sfc32 that are discarded first, as its author does. */
const WARM_UP = 15;

/**
 * Numbers in [0, 1) that depend on nothing but the seed (hex). The generator is sfc32 by Chris Doty-Humphrey, from
 * PractRand (public domain); two outputs make the 53 bits of one number.
 */
export function createRandom(seed: string): () => number {
  const word = (i: number) => Number.parseInt(seed.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 16) | 0;
  let [a, b, c, counter] = [word(0), word(1), word(2), word(3)];
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    return out >>> 0;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
