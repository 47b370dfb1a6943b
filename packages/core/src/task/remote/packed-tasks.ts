import type { Reference, TaskOutcome, TaskSpec, WrittenArtifact } from '../../contract/index.ts';

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

/** True when only names and the position in the innermost foreach differ. */
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

interface PackedArtifact {
  readonly reference: Reference;
  /** Offset of its bytes; absent when they are in the store. */
  readonly at?: number;
}

type PackedOutcome = {
  readonly id: number;
  readonly log?: PackedArtifact;
} & (
  | {
      readonly ok: Omit<TaskOutcome & { ok: true }, 'writes' | 'log'>;
      readonly writes: readonly (readonly [string, PackedArtifact])[];
    }
  | { readonly failed: Omit<TaskOutcome & { ok: false }, 'log'> }
);

/** Outcomes with the bytes of all their small artifacts in one piece. */
export interface PackedOutcomes {
  /** As JSON: it crosses threads several times faster than the objects would. */
  readonly outcomes: string;
  readonly packed: Uint8Array<ArrayBuffer>;
}

export interface EndedAttempt {
  readonly id: number;
  readonly outcome: TaskOutcome;
}

export function packOutcomes(ended: Iterable<EndedAttempt>): PackedOutcomes {
  const packer = new BytePacker();
  const artifact = ({ reference, bytes }: WrittenArtifact): PackedArtifact =>
    bytes ? { reference, at: packer.add(bytes) } : { reference };
  const outcomes: PackedOutcome[] = [];
  for (const { id, outcome } of ended) {
    const log = outcome.log && { log: artifact(outcome.log) };
    if (outcome.ok) {
      const { writes: written, log: _, ...ok } = outcome;
      const writes = Object.entries(written).map(([name, one]) => [name, artifact(one)] as const);
      outcomes.push({ id, ok, writes, ...log });
    } else {
      const { log: _, ...failed } = outcome;
      outcomes.push({ id, failed, ...log });
    }
  }
  return { outcomes: JSON.stringify(outcomes), packed: packer.pack() };
}

/** The bytes stay views of the one piece they came in. */
export function unpackOutcomes({ outcomes, packed }: PackedOutcomes): EndedAttempt[] {
  const artifact = ({ reference, at }: PackedArtifact): WrittenArtifact =>
    at === undefined ? { reference } : { reference, bytes: packed.subarray(at, at + reference.size) };
  return (JSON.parse(outcomes) as PackedOutcome[]).map((one) => {
    const log = one.log && { log: artifact(one.log) };
    if ('failed' in one) return { id: one.id, outcome: { ...one.failed, ...log } };
    const writes: Record<string, WrittenArtifact> = Object.create(null);
    for (const [name, written] of one.writes) writes[name] = artifact(written);
    return { id: one.id, outcome: { ...one.ok, writes, ...log } };
  });
}

/** Many small pieces of bytes on their way to another thread, as one: each buffer of its own would cost more than its bytes. */
export class BytePacker {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;

  /** Returns the offset of the piece. */
  add(bytes: Uint8Array): number {
    const offset = this.size;
    this.pieces.push(bytes);
    this.size += bytes.byteLength;
    return offset;
  }

  /** All of it, in a buffer of its own. */
  pack(): Uint8Array<ArrayBuffer> {
    const packed = new Uint8Array(this.size);
    let offset = 0;
    for (const piece of this.pieces) {
      packed.set(piece, offset);
      offset += piece.byteLength;
    }
    return packed;
  }
}
