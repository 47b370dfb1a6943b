import type { References } from '../contract/index.ts';
import type { Graph, GraphStep } from '../flow/index.ts';
import { type Frame, taskLabel, taskName } from './frame.ts';
import type { Job } from './job-queue.ts';
import { matchElements, type Origin, type OriginTask, shortDigest } from './origin.ts';
import { isStepCache, type RunCache } from './run-cache.ts';

/**
 * Decides for each task of a resumed run whether the run before had done it. Its code must be the same and so must all
 * that led to it; a step whose results are never looked up makes no such claim, and is taken over with a word of warning.
 */
export class KeptTasks {
  private readonly byName: ReadonlyMap<string, GraphStep>;
  /** Tasks whose results are not what they were, by step: their element paths. */
  private readonly changed = new Map<string, (readonly number[])[]>();
  private readonly matches = new WeakMap<object, readonly (number | undefined)[]>();
  private readonly warned = new Set<string>();

  constructor(
    graph: Graph,
    private readonly origin: Origin,
    private readonly cache: RunCache | undefined,
    private readonly warn: (message: string) => void,
  ) {
    this.byName = new Map(graph.steps.map((step) => [step.name, step]));
  }

  /** What the virtual first task had left, unless it has to run again. */
  get init(): OriginTask | undefined {
    return this.origin.newParameters ? undefined : this.origin.tasks.get('init');
  }

  /** The finished task that stands for this one. */
  find({ step, frame }: Job): OriginTask | undefined {
    const kept = this.standing(step, frame);
    if (!kept || this.isAgain(step, frame)) return undefined;
    if (this.origin.trust === 'position') return this.taken(step, kept, this.isOther(step, kept));
    const cached = this.cache?.steps.get(step.name);
    const sameCode = !this.isOther(step, kept);
    if (sameCode && this.sameInputs(step, frame)) return kept;
    // A step that may be looked up is executed or found by its key, which knows what it reads.
    if (isStepCache(cached) || (cached === undefined && step.cache !== false && !step.effect)) return undefined;
    return this.taken(step, kept, !sameCode);
  }

  /** A task has this result now: what follows from it may be taken over if it had the same before. */
  settled({ step, frame }: Job, writes: References, deletes: readonly string[]): void {
    const kept = this.standing(step, frame);
    if (kept && this.sameInputs(step, frame) && sameResult(kept, writes, deletes)) return;
    const paths = this.changed.get(step.name);
    if (paths) paths.push(frame.path);
    else this.changed.set(step.name, [frame.path]);
  }

  private taken(step: GraphStep, kept: OriginTask, other: boolean): OriginTask {
    if (other && !this.warned.has(step.name)) {
      this.warned.add(step.name);
      this.warn(
        `${step.name} is kept from ${this.origin.path} although its code has changed: varve resume --from ${step.name}`,
      );
    }
    return kept;
  }

  private standing(step: GraphStep, frame: Frame): OriginTask | undefined {
    const path = this.pathBefore(frame);
    return path && this.origin.tasks.get(taskName(step.name, path));
  }

  /** The element path of a frame as it was in the run before. */
  private pathBefore(frame: Frame): readonly number[] | undefined {
    const { split } = frame;
    if (!split) return frame.path;
    const outer = this.pathBefore(split.outer);
    if (!outer) return undefined;
    const before = this.origin.elements.get(taskName(split.step, outer));
    const index = frame.path.at(-1) ?? 0;
    if (!before) return [...outer, index];
    const matches = this.matches.get(split) ?? matchElements(split.digests.map(shortDigest), before);
    this.matches.set(split, matches);
    const place = matches[index];
    return place === undefined ? undefined : [...outer, place];
  }

  private isAgain(step: GraphStep, frame: Frame): boolean {
    const { again, againTasks } = this.origin;
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
  private sameInputs(step: GraphStep, frame: Frame): boolean {
    if (this.changed.has('init')) return false;
    const before = this.pathBefore(frame);
    if (!before || before.join() !== frame.path.join()) return false;
    return step.parents.every((name) => {
      const parent = this.byName.get(name);
      const depth = Math.min(parent?.scope.length ?? 0, frame.path.length);
      const here = frame.path.slice(0, depth);
      return !(this.changed.get(name) ?? []).some((path) => here.every((index, i) => path[i] === index));
    });
  }
}

function sameResult(kept: OriginTask, writes: References, deletes: readonly string[]): boolean {
  const names = Object.keys(kept.writes);
  if (names.length !== Object.keys(writes).length || deletes.join('\n') !== kept.deletes.join('\n')) return false;
  return names.every((name) => {
    const [a, b] = [kept.writes[name], writes[name]];
    return a?.digest === b?.digest && a?.codec === b?.codec;
  });
}
