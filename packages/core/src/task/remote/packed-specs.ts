import type { TaskSpec } from '../../contract/index.ts';

/**
 * Attempts on their way to a worker. What all elements of a foreach have in common is said once; of each is sent only
 * what differs, as plain values in one list, which costs a fraction of an object each.
 */
export interface PackedSpecs {
  readonly specs: readonly SentAttempt[];
  /**
   * Seven values an attempt: id, index in `specs` of the one it is like, task, label, seed (empty for none), index and
   * label of its element.
   */
  readonly rows: readonly (string | number)[];
}

export interface SentAttempt {
  readonly id: number;
  readonly multiplexed: boolean;
  readonly spec: TaskSpec;
}

const ROW = 7;

type Row = [id: number, like: number, task: string, label: string, seed: string, index: number, name: string];

export function packSpecs(attempts: readonly SentAttempt[]): PackedSpecs {
  const specs: SentAttempt[] = [];
  const rows: (string | number)[] = [];
  const likes = new Map<string, { readonly index: number; readonly spec: TaskSpec }>();
  for (const { id, multiplexed, spec } of attempts) {
    const like = likes.get(spec.step);
    const element = spec.elements.at(-1);
    if (like && element && isLike(like.spec, spec))
      rows.push(id, like.index, spec.task, spec.label, spec.seed ?? '', element.index, element.label);
    else {
      likes.set(spec.step, { index: specs.length, spec });
      specs.push({ id, multiplexed, spec });
    }
  }
  return { specs, rows };
}

export function unpackSpecs({ specs, rows }: PackedSpecs): SentAttempt[] {
  const attempts = [...specs];
  for (let at = 0; at < rows.length; at += ROW) {
    const [id, like, task, label, seed, index, name] = rows.slice(at, at + ROW) as Row;
    const { multiplexed, spec } = specs[like] as SentAttempt;
    const elements = withLast(spec.elements, index, name);
    attempts.push({ id, multiplexed, spec: { ...spec, task, label, elements, ...(seed !== '' && { seed }) } });
  }
  return attempts;
}

/** Whether nothing differs but names and the position in the innermost foreach. */
function isLike(a: TaskSpec, b: TaskSpec): boolean {
  if (a.inputs !== b.inputs || a.attempt !== b.attempt || a.runId !== b.runId || a.now !== b.now) return false;
  if ((a.seed === undefined) !== (b.seed === undefined)) return false;
  if (b.tasks || b.branches || b.conflicts || a.conflicts || a.elements.length !== b.elements.length) return false;
  return a.elements.every((one, depth) => {
    const other = b.elements[depth];
    const last = depth === a.elements.length - 1;
    return other !== undefined && other.list === one.list && (last || other.index === one.index);
  });
}

function withLast(elements: TaskSpec['elements'], index: number, label: string): TaskSpec['elements'] {
  const last = elements.at(-1);
  return last ? [...elements.slice(0, -1), { list: last.list, index, label }] : elements;
}
