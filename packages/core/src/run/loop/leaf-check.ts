import type { Digest, Reference, References } from '../../contract/index.ts';
import { type ArtifactScope, flattenScope } from '../../store/index.ts';
import { namesOf } from '../plan/frame.ts';
import type { Job } from '../plan/job.ts';
import type { LoopContext } from './loop-context.ts';

/** Names in one warning. */
const SHOWN = 3;

interface Asked {
  readonly reference: Reference;
  /** `train[3].score` of a step that another one follows; `undefined` for what the run leaves. */
  readonly between: string | undefined;
}

/**
 * Looks whether the artifacts that a run took over from earlier runs are there, although nothing in it reads them: all that
 * it leaves, and all results of a run that it resumes. What it leaves is made again if it is lost, by executing the tasks that
 * left it; of the rest a warning says that it is gone.
 */
export class LeafCheck {
  private readonly open = new Map<Digest, Asked>();
  private readonly inherited = new Set<ArtifactScope>();
  /** Artifacts that tasks of this run have written. */
  private readonly made = new Set<Digest>();

  constructor(private readonly context: LoopContext) {}

  /** Notes a result that was not computed in this run. Steps that others follow count through what they pass on. */
  known(job: Job, writes: References, from: 'cache' | 'resumed'): void {
    const { step, frame, artifacts } = job;
    const isLeaf = step.children.length === 0;
    if (isLeaf) {
      for (const reference of Object.values(writes)) this.note(reference);
      this.inherit(artifacts);
    } else if (from === 'resumed' && step.name !== 'init') {
      const { label } = namesOf(step, frame);
      for (const [name, reference] of Object.entries(writes)) this.note(reference, `${label}.${name}`);
    }
  }

  /** Notes what was passed on to a task that was executed, and is left by it. */
  executed({ step, artifacts }: Job, writes: References): void {
    for (const { digest } of Object.values(writes)) this.made.add(digest);
    if (step.children.length === 0) this.inherit(artifacts);
  }

  /** Starts to look at what was noted since the last call. False when there is nothing. */
  begin(): boolean {
    const { ports, pending, rewind } = this.context;
    const asked = [...this.open.values()]
      .filter(({ reference }) => !this.made.has(reference.digest))
      .map(({ reference, between }) => ({ reference: rewind.current(reference), between }));
    this.open.clear();
    if (asked.length === 0) return false;
    pending.track(
      ports.values.missing(asked.map(({ reference }) => reference)),
      (lost) => this.handle(asked.filter(({ reference }) => lost.includes(reference.digest))),
      // A store that does not answer now has answered for the run so far: the artifacts are as they are.
      () => {},
    );
    return true;
  }

  private inherit(artifacts: ArtifactScope): void {
    // All elements of a foreach start from the same artifacts.
    if (this.inherited.has(artifacts)) return;
    this.inherited.add(artifacts);
    for (const reference of Object.values(flattenScope(artifacts).references)) this.note(reference);
  }

  private note(reference: Reference, between?: string): void {
    const { digest } = reference;
    if (this.made.has(digest) || (between !== undefined && this.open.has(digest))) return;
    this.open.set(digest, { reference, between });
  }

  private handle(lost: readonly Asked[]): void {
    const between: string[] = [];
    for (const asked of lost) {
      if (asked.between === undefined) this.recover(asked.reference);
      else between.push(asked.between);
    }
    if (between.length > 0) this.context.warn(goneBetween(between));
  }

  private recover(reference: Reference): void {
    const failed = () =>
      this.context.warn(
        `BLOB_MISSING ${reference.digest.slice(0, 19)}… that an earlier run left is gone, and was not made again. Run with --cache refresh`,
      );
    if (!this.context.rewind.recover(reference.digest, reference, { again: () => {}, failed })) failed();
  }
}

function goneBetween(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const step = names[0]?.split(/[[.]/, 1)[0];
  const [verb, them] = names.length > 1 ? ['are', 'them'] : ['is', 'it'];
  return `BLOB_MISSING ${names.slice(0, SHOWN).join(', ')}${more} of the resumed run ${verb} gone from the store. Nothing in this run needed ${them}; varve resume --from ${step} makes ${them} again`;
}
