import type { Digest, Reference, References } from '../../contract/index.ts';
import { type ArtifactScope, flattenScope } from '../../store/index.ts';
import type { Job } from '../plan/job.ts';
import type { LoopContext } from './loop-context.ts';

/**
 * Looks whether the artifacts that a run leaves are there, as far as it took them over from earlier runs: nothing has read
 * them yet. Lost ones are made again, by executing the tasks that left them.
 */
export class LeafCheck {
  private readonly open = new Map<Digest, Reference>();
  private readonly inherited = new Set<ArtifactScope>();

  constructor(private readonly context: LoopContext) {}

  /** Notes a result that was not computed in this run. Steps that others follow count through what they pass on. */
  known({ step, artifacts }: Job, writes: References): void {
    if (step.children.length > 0) return;
    for (const reference of Object.values(writes)) this.open.set(reference.digest, reference);
    // All elements of a foreach start from the same artifacts.
    if (this.inherited.has(artifacts)) return;
    this.inherited.add(artifacts);
    for (const reference of Object.values(flattenScope(artifacts).references))
      this.open.set(reference.digest, reference);
  }

  /** Starts to look at what was noted since the last call. False when there is nothing. */
  begin(): boolean {
    const { ports, pending, rewind } = this.context;
    const references = [...this.open.values()].map((reference) => rewind.current(reference));
    this.open.clear();
    if (references.length === 0) return false;
    pending.track(
      ports.values.missing(references),
      (lost) => {
        for (const reference of references) if (lost.includes(reference.digest)) this.recover(reference);
      },
      // A store that does not answer now has answered for the run so far: the artifacts are as they are.
      () => {},
    );
    return true;
  }

  private recover(reference: Reference): void {
    const failed = () =>
      this.context.warn(
        `BLOB_MISSING ${reference.digest.slice(0, 19)}… that an earlier run left is gone, and was not made again. Run with --cache refresh`,
      );
    if (!this.context.rewind.recover(reference.digest, reference, { again: () => {}, failed })) failed();
  }
}
