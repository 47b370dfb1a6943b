import type { Reference } from '../../contract/index.ts';
import { type ArtifactScope, taskName } from '../../store/index.ts';

/** How a step ended inside one frame. A step that is not settled is waiting, queued or running. */
export type Settled =
  | { readonly status: 'done'; readonly env: ArtifactScope }
  | { readonly status: 'skipped'; readonly env: ArtifactScope | undefined }
  | { readonly status: 'failed' };

/** Where steps run once: the whole run, or one element of a foreach. */
export interface ForeachFrame {
  /** The foreach this frame is one element of; absent for the run itself. */
  readonly fanout?: Fanout;
  /** Element index of each foreach around it, outermost first. */
  readonly path: readonly number[];
  readonly settled: Map<string, Settled>;
  /** Splits opened inside this frame, by the foreach step that opened them. */
  splits?: Map<string, Fanout>;
}

/** One foreach at work: its elements, each with a frame of its own. */
export interface Fanout {
  readonly step: string;
  /** The frame in which the foreach was reached. */
  readonly outer: ForeachFrame;
  /** The environment before the split: what a join continues from. */
  readonly env: ArtifactScope;
  readonly list: Reference;
  /** One a element, for people: `knn`. */
  readonly labels: readonly string[];
  /** One a element, of its value. */
  readonly digests: readonly string[];
  readonly frames: readonly ForeachFrame[];
  /** How many frames have settled a step without failing, by step. */
  readonly settledCount: Map<string, number>;
}

export function rootFrame(): ForeachFrame {
  return { path: [], settled: new Map() };
}

/** Opens one frame an element. */
export function openFanout(
  step: string,
  outer: ForeachFrame,
  from: Pick<Fanout, 'env' | 'list' | 'labels' | 'digests'>,
): Fanout {
  const frames: ForeachFrame[] = [];
  const split: Fanout = { step, outer, ...from, frames, settledCount: new Map() };
  for (let index = 0; index < from.labels.length; index++) {
    frames.push({ fanout: split, path: [...outer.path, index], settled: new Map() });
  }
  outer.splits ??= new Map();
  outer.splits.set(step, split);
  return split;
}

/** `train[knn]`, for people. */
export function taskLabel(step: string, frame: ForeachFrame): string {
  const labels: string[] = [];
  for (let at: ForeachFrame | undefined = frame; at?.fanout; at = at.fanout.outer) {
    const index = at.path.at(-1) ?? 0;
    labels.unshift(at.fanout.labels[index] ?? String(index));
  }
  return taskName(step, labels);
}

/** The digest of the innermost element around a task; `undefined` outside of every foreach. */
export function elementDigest(frame: ForeachFrame): string | undefined {
  return frame.fanout?.digests[frame.path.at(-1) ?? 0];
}

/** How a task is named: in the journal, and for people. */
export interface TaskNames {
  readonly task: string;
  readonly label: string;
}

export function namesOf(step: { readonly name: string }, frame: ForeachFrame): TaskNames {
  return { task: taskName(step.name, frame.path), label: taskLabel(step.name, frame) };
}
