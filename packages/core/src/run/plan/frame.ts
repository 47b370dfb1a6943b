import type { Reference } from '../../contract/index.ts';
import { type ArtifactScope, taskName } from '../../store/index.ts';

/** The end of a step inside one frame. A step that is not settled is waiting, queued or running. */
export type Settled =
  | { readonly status: 'done'; readonly artifacts: ArtifactScope }
  | { readonly status: 'skipped'; readonly artifacts: ArtifactScope | undefined }
  | { readonly status: 'failed' };

/** A place in which each step runs once: the whole run, or one element of a foreach. */
export interface ForeachFrame {
  /** The foreach this frame is one element of; absent for the run itself. */
  readonly fanout?: Fanout;
  /** Element index of each foreach around it, outermost first. */
  readonly path: readonly number[];
  readonly settled: Map<string, Settled>;
  /** Foreaches opened inside this frame, by step. */
  fanouts?: Map<string, Fanout>;
}

/** An opened foreach: its elements, each with a frame of its own. */
export interface Fanout {
  readonly step: string;
  /** The frame in which the foreach was reached. */
  readonly outer: ForeachFrame;
  /** The artifacts before the foreach: a join continues from them. */
  readonly artifacts: ArtifactScope;
  readonly list: Reference;
  /** One for each element, for people: `knn`. */
  readonly labels: readonly string[];
  /** One for each element, of its value. */
  readonly digests: readonly string[];
  readonly frames: readonly ForeachFrame[];
  /** One for each element: how many equal ones come before it. Absent until it is asked for. */
  places?: readonly number[];
  /** Number of frames that have settled a step without failing, by step. */
  readonly settledCount: Map<string, number>;
}

export function rootFrame(): ForeachFrame {
  return { path: [], settled: new Map() };
}

/** Opens one frame for each element. */
export function openFanout(
  step: string,
  outer: ForeachFrame,
  from: Pick<Fanout, 'artifacts' | 'list' | 'labels' | 'digests'>,
): Fanout {
  const frames: ForeachFrame[] = [];
  const fanout: Fanout = { step, outer, ...from, frames, settledCount: new Map() };
  for (let index = 0; index < from.labels.length; index++) {
    frames.push({ fanout, path: [...outer.path, index], settled: new Map() });
  }
  outer.fanouts ??= new Map();
  outer.fanouts.set(step, fanout);
  return fanout;
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

/** The digests of the elements around a task, the outermost first, each with its place among equal ones of its list. */
export function elementsAround(frame: ForeachFrame): readonly (readonly [digest: string, place: number])[] {
  const around: (readonly [string, number])[] = [];
  for (let at: ForeachFrame | undefined = frame; at?.fanout; at = at.fanout.outer) {
    const index = at.path.at(-1) ?? 0;
    around.unshift([at.fanout.digests[index] ?? '', placesIn(at.fanout)[index] ?? 0]);
  }
  return around;
}

/** For each element, how many equal ones come before it. Counted once a fanout. */
function placesIn(fanout: Fanout): readonly number[] {
  if (fanout.places) return fanout.places;
  const seen = new Map<string, number>();
  fanout.places = fanout.digests.map((digest) => {
    const place = seen.get(digest) ?? 0;
    seen.set(digest, place + 1);
    return place;
  });
  return fanout.places;
}

/** Both names of a task. */
export interface TaskNames {
  /** In the journal: `train[2]`. */
  readonly task: string;
  /** For people: `train[knn]`. */
  readonly label: string;
}

export function namesOf(step: { readonly name: string }, frame: ForeachFrame): TaskNames {
  return { task: taskName(step.name, frame.path), label: taskLabel(step.name, frame) };
}
