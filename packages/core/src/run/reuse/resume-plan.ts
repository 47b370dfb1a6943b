import type { Tokens } from '../../cache/index.ts';
import { parseRead, type References, type TaskOutcome, type WrittenArtifact } from '../../contract/index.ts';
import type { Graph, GraphStep } from '../../flow/index.ts';
import { taskName } from '../../store/index.ts';
import { type Fanout, type ForeachFrame, taskLabel } from '../plan/frame.ts';
import type { Job } from '../plan/job.ts';
import { isStepCache, type RunCache } from '../plan/ports.ts';
import { matchElements, type OriginTask, type ResumeSource, sameResult, shortDigest } from '../plan/resume-source.ts';

/**
 * Decides for each task of a resumed run whether the earlier run's result stands for it. Its code and everything before
 * it must be the same; the result of a step that is never looked up is taken over in any case, with a warning.
 */
export class ResumePlan {
  private readonly byName: ReadonlyMap<string, GraphStep>;
  private readonly dirty = new DirtyTasks();
  /** Fields that the earlier run did not have. */
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

  /** The earlier result of the virtual first task, unless it has to run again. */
  get init(): OriginTask | undefined {
    return this.origin.initialisers === 'reuse' ? this.origin.tasks.get('init') : undefined;
  }

  /** The new outcome of the initialisers; fields that the earlier run had keep their earlier values. */
  mergeInit(outcome: TaskOutcome): TaskOutcome {
    const before = this.origin.initialisers === 'merge' ? this.origin.tasks.get('init')?.writes : undefined;
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
    const before = this.earlier(step, frame);
    if (!before || this.isRerun(step, frame)) return undefined;
    const sameCode = this.hasSameCode(step, before);
    if (this.origin.trust === 'position') return sameCode ? before : this.takeOver(step, before, 'its code');
    if (sameCode && this.hasSameInputs(step, frame, before)) return before;
    if (this.isExecutedAnew(step)) return undefined;
    return this.takeOver(step, before, sameCode ? 'what leads to it' : 'its code');
  }

  /** The same task, unless what it read outside of the run is not what it was then. */
  verify({ step }: Job, before: OriginTask, ambient: Tokens): OriginTask | undefined {
    if (this.origin.trust === 'position') return before;
    if (Object.entries(before.ambient ?? {}).every(([read, token]) => ambient.get(read) === token)) return before;
    return this.isExecutedAnew(step) ? undefined : this.takeOver(step, before, 'what it reads outside of the run');
  }

  /** Notes the result of a task: tasks after it can be taken over only if it is the same as before. */
  settled({ step, frame }: Job, writes: References, deletes: readonly string[]): void {
    const before = this.earlier(step, frame);
    if (step.name === 'init' && this.origin.initialisers === 'merge') {
      this.added = new Set(Object.keys(writes).filter((name) => !(before && Object.hasOwn(before.writes, name))));
      return;
    }
    if (before && this.hasSameInputs(step, frame, before) && sameResult(before, writes, deletes)) return;
    this.dirty.add(step.name, frame.path);
  }

  /** Notes that the task is skipped: tasks that read its earlier result read something else now. */
  skipped(step: GraphStep, frame: ForeachFrame): void {
    if (this.earlier(step, frame)) this.dirty.add(step.name, frame.path);
  }

  /** A step that is looked up is found by its key, which knows what it reads, or else executed. */
  private isExecutedAnew(step: GraphStep): boolean {
    const cached = this.cache?.steps.get(step.name);
    return isStepCache(cached) || (cached === undefined && step.cache !== false && !step.effect);
  }

  private takeOver(step: GraphStep, before: OriginTask, changed: string): OriginTask {
    if (!this.warned.has(step.name)) {
      this.warned.add(step.name);
      this.warn(
        `${step.name} is kept from ${this.origin.path} although ${changed} has changed: varve resume --from ${step.name}`,
      );
    }
    return before;
  }

  private earlier(step: GraphStep, frame: ForeachFrame): OriginTask | undefined {
    const path = this.elements.of(frame);
    return path && this.origin.tasks.get(taskName(step.name, path));
  }

  private isRerun(step: GraphStep, frame: ForeachFrame): boolean {
    const { rerunSteps, rerunTasks } = this.origin;
    return (
      rerunSteps.has(step.name) ||
      rerunTasks.has(taskLabel(step.name, frame)) ||
      rerunTasks.has(taskName(step.name, frame.path))
    );
  }

  private hasSameCode(step: GraphStep, { key, sameBundle }: OriginTask): boolean {
    const cached = this.cache?.keys.get(step.name);
    return cached === undefined || key === undefined ? sameBundle : cached.key === key;
  }

  /** True when the results of all tasks before it are the same. */
  private hasSameInputs(step: GraphStep, frame: ForeachFrame, task: OriginTask): boolean {
    if (task.outdated || this.dirty.has('init', []) || this.hasMissed(task)) return false;
    const before = this.elements.of(frame);
    if (!before || before.join() !== frame.path.join()) return false;
    return step.parents.every((name) => {
      const depth = Math.min(this.byName.get(name)?.scope.length ?? 0, frame.path.length);
      return !this.dirty.has(name, frame.path.slice(0, depth));
    });
  }

  /** True when the task had looked for a field that exists only now, or had enumerated the fields. */
  private hasMissed({ reads }: OriginTask): boolean {
    if (this.added.size === 0) return false;
    return reads.map(parseRead).some((read) => {
      if (!read || read.kind === 'context' || read.kind === 'ambient') return false;
      return !('name' in read) || (read.absent && this.added.has(read.name));
    });
  }
}

/**
 * Tasks whose results have changed, by step and element path. A path stands for every task there and inside: thousands of
 * elements are looked up, never searched.
 */
export class DirtyTasks {
  private readonly places = new Map<string, Set<string>>();

  add(step: string, path: readonly number[]): void {
    const known = this.places.get(step) ?? new Set();
    this.places.set(step, known);
    for (let depth = 0; depth <= path.length; depth++) known.add(path.slice(0, depth).join());
  }

  /** True when a task of the step at this element path, or inside it, has changed. */
  has(step: string, path: readonly number[]): boolean {
    return this.places.get(step)?.has(path.join()) ?? false;
  }
}

/** Matches elements of this run's lists with those of an earlier run: by value, not by position. */
export class ElementMatcher {
  private readonly matches = new WeakMap<Fanout, readonly (number | undefined)[]>();

  constructor(
    /** Beginnings of the digests of elements, by the foreach task that was expanded. */
    private readonly elements: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** The element path of a frame in the earlier run; `undefined` when one of its elements is new. */
  of(frame: ForeachFrame): readonly number[] | undefined {
    const { fanout } = frame;
    if (!fanout) return frame.path;
    const outer = this.of(fanout.outer);
    if (!outer) return undefined;
    const before = this.elements.get(taskName(fanout.step, outer));
    const index = frame.path.at(-1) ?? 0;
    if (!before) return [...outer, index];
    const matches = this.matches.get(fanout) ?? matchElements(fanout.digests.map(shortDigest), before);
    this.matches.set(fanout, matches);
    const place = matches[index];
    return place === undefined ? undefined : [...outer, place];
  }
}
