import { type Frame, type Split, taskName } from '../plan/frame.ts';
import { matchElements, shortDigest } from '../plan/resume-source.ts';

/** Finds the elements of the lists of now in those of a run of the past: by their values, not by where they stand. */
export class PastPlaces {
  private readonly matches = new WeakMap<Split, readonly (number | undefined)[]>();

  constructor(
    /** Beginnings of the digests of elements, by the foreach task that was expanded. */
    private readonly elements: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** The element path of a frame as it was then; `undefined` when an element of it is new. */
  of(frame: Frame): readonly number[] | undefined {
    const { split } = frame;
    if (!split) return frame.path;
    const outer = this.of(split.outer);
    if (!outer) return undefined;
    const before = this.elements.get(taskName(split.step, outer));
    const index = frame.path.at(-1) ?? 0;
    if (!before) return [...outer, index];
    const matches = this.matches.get(split) ?? matchElements(split.digests.map(shortDigest), before);
    this.matches.set(split, matches);
    const place = matches[index];
    return place === undefined ? undefined : [...outer, place];
  }
}
