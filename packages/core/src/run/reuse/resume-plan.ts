import { parseRead, type References, type TaskOutcome, type WrittenArtifact } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { taskName } from '../../store/index.ts';
import { type Fanout, type ForeachFrame, taskLabel } from '../plan/frame.ts';
import type { Job } from '../plan/job.ts';
import { isStepCache, type RunCache } from '../plan/ports.ts';
import { matchElements, type OriginTask, type ResumeSource, sameResult, shortDigest } from '../plan/resume-source.ts';

/**
 * Decides for each task of a resumed run whether the run before had done it. Its code must be the same and so must all
 * that led to it; a step whose results are never looked up makes no such claim, and is taken over with a word of warning.
 */
export class ResumePlan {
  private readonly byName: ReadonlyMap<string, GraphStep>;
  private readonly dirty = new DirtyTasks();
  /** Fields that the run before did not have. */
  private added: ReadonlySet<string> = new Set();
  private readonly elements: ElementMatcher;
  private readonly warned = new Set<string>();

  constructor(
    graph: Graph,
    private readonly origin: ResumeSource,
    private readonly cache: RunCache | undefined,
    private readonly warn: (message: string) => void,
  ) {
    this.byName = new Map(graph.steps.map((step) => [step.name, step]));
    this.elements = new ElementMatcher(origin.elements);
  }

  /** What the virtual first task had left, unless it has to run again. */
  get init(): OriginTask | undefined {
    return this.origin.initialisers === 'kept' ? this.origin.tasks.get('init') : undefined;
  }

  /** What the initialisers left just now, where the run before has no word on it: what it had stays. */
  reused(outcome: TaskOutcome): TaskOutcome {
    const before = this.origin.initialisers === 'filled' ? this.origin.tasks.get('init')?.writes : undefined;
    if (!before || !outcome.ok) return outcome;
    const writes: Record<string, WrittenArtifact> = Object.assign(Object.create(null), outcome.writes);
    for (const [name, reference] of Object.entries(before)) {
      const fresh = writes[name]?.reference.digest;
      writes[name] = { reference };
      if (fresh !== undefined && fresh !== reference.digest)
        this.warn(
          `'${name}' stays what it was in ${this.origin.path} although its initialiser gives something else now: varve resume --from init`,
        );
    }
    return { ...outcome, writes };
  }

  /** The finished task that stands for this one. */
  find({ step, frame }: Job): OriginTask | undefined {
    const kept = this.standing(step, frame);
    if (!kept || this.isAgain(step, frame)) return undefined;
    const sameCode = !this.isOther(step, kept);
    if (this.origin.trust === 'position') return sameCode ? kept : this.taken(step, kept, 'its code');
    const cached = this.cache?.steps.get(step.name);
    if (sameCode && this.sameInputs(step, frame, kept)) return kept;
    // A step that may be looked up is executed or found by its key, which knows what it reads.
    if (isStepCache(cached) || (cached === undefined && step.cache !== false && !step.effect)) return undefined;
    return this.taken(step, kept, sameCode ? 'what leads to it' : 'its code');
  }

  /** A task has this result now: what follows from it may be taken over if it had the same before. */
  settled({ step, frame }: Job, writes: References, deletes: readonly string[]): void {
    const kept = this.standing(step, frame);
    if (step.name === 'init' && this.origin.initialisers === 'filled') {
      this.added = new Set(Object.keys(writes).filter((name) => !(kept && Object.hasOwn(kept.writes, name))));
      return;
    }
    if (kept && this.sameInputs(step, frame, kept) && sameResult(kept, writes, deletes)) return;
    this.dirty.add(step.name, frame.path);
  }

  /** A condition has passed the task by: whoever read what it had left before reads something else now. */
  skipped(step: GraphStep, frame: ForeachFrame): void {
    if (this.standing(step, frame)) this.dirty.add(step.name, frame.path);
  }

  private taken(step: GraphStep, kept: OriginTask, other: string): OriginTask {
    if (!this.warned.has(step.name)) {
      this.warned.add(step.name);
      this.warn(
        `${step.name} is kept from ${this.origin.path} although ${other} has changed: varve resume --from ${step.name}`,
      );
    }
    return kept;
  }

  private standing(step: GraphStep, frame: ForeachFrame): OriginTask | undefined {
    const path = this.elements.of(frame);
    return path && this.origin.tasks.get(taskName(step.name, path));
  }

  private isAgain(step: GraphStep, frame: ForeachFrame): boolean {
    const { rerun: again, againTasks } = this.origin;
    return (
      again.has(step.name) ||
      againTasks.has(taskLabel(step.name, frame)) ||
      againTasks.has(taskName(step.name, frame.path))
    );
  }

  private isOther(step: GraphStep, kept: OriginTask): boolean {
    const cached = this.cache?.keys.get(step.name);
    return cached === undefined || kept.key === undefined ? !kept.sameBundle : cached.key !== kept.key;
  }

  /** Whether everything that leads to the task is what it was. */
  private sameInputs(step: GraphStep, frame: ForeachFrame, kept: OriginTask): boolean {
    if (kept.outdated || this.dirty.has('init', []) || this.hasMissed(kept)) return false;
    const before = this.elements.of(frame);
    if (!before || before.join() !== frame.path.join()) return false;
    return step.parents.every((name) => {
      const depth = Math.min(this.byName.get(name)?.scope.length ?? 0, frame.path.length);
      return !this.dirty.has(name, frame.path.slice(0, depth));
    });
  }

  /** Whether the task had looked for a field that is there only now, or at which there are. */
  private hasMissed({ reads }: OriginTask): boolean {
    if (this.added.size === 0) return false;
    return reads.map(parseRead).some((read) => {
      if (!read || read.kind === 'context') return false;
      return !('name' in read) || (read.absent && this.added.has(read.name));
    });
  }
}

/**
 * Tasks whose results are not what they were, by step and element path. Asked about a place, it answers for every task
 * there and inside: thousands of elements are looked up, never searched.
 */
export class DirtyTasks {
  private readonly places = new Map<string, Set<string>>();

  add(step: string, path: readonly number[]): void {
    const known = this.places.get(step) ?? new Set();
    this.places.set(step, known);
    for (let depth = 0; depth <= path.length; depth++) known.add(path.slice(0, depth).join());
  }

  /** Whether a task of the step at this element path, or of any element inside it, has changed. */
  has(step: string, path: readonly number[]): boolean {
    return this.places.get(step)?.has(path.join()) ?? false;
  }
}

/** Finds the elements of the lists of now in those of a run of the past: by their values, not by where they stand. */
export class ElementMatcher {
  private readonly matches = new WeakMap<Fanout, readonly (number | undefined)[]>();

  constructor(
    /** Beginnings of the digests of elements, by the foreach task that was expanded. */
    private readonly elements: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** The element path of a frame as it was then; `undefined` when an element of it is new. */
  of(frame: ForeachFrame): readonly number[] | undefined {
    const { fanout: split } = frame;
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
