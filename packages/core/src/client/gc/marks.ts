import type { Page } from '../../cache/page.ts';
import type { Digest, Reference, RunEvent, RunRecord } from '../../contract/index.ts';
import { CODE_CODEC } from '../../store/artifacts/code-manifest.ts';
import { DIR_CODEC } from '../../store/artifacts/dir-manifest.ts';
import { blobKey } from '../../store/objects/key.ts';

/** What is still needed, as far as it is known: objects of their own, and parts of commit batches. */
export class Marks {
  private readonly blobs = new Set<string>();
  /** By batch: the parts of it that are needed, by where they begin, with their length. */
  private readonly parts = new Map<string, Map<number, number>>();
  private readonly manifests = new Map<Digest, Reference>();
  private readonly followed = new Set<Digest>();
  /** `Flow/number/task` of results that were taken over from other runs. */
  readonly used = new Set<string>();

  add(reference: Reference): void {
    const { digest, codec, at } = reference;
    if (!at) this.blobs.add(blobKey(digest));
    else {
      const parts = this.parts.get(at.object) ?? new Map<number, number>();
      this.parts.set(at.object, parts.set(at.offset, at.length));
    }
    if (isManifest(codec) && !this.followed.has(digest)) this.manifests.set(digest, reference);
  }

  addBlob(digest: Digest): void {
    this.blobs.add(blobKey(digest));
  }

  addRecord({ code }: RunRecord): void {
    if (code) this.add(code);
  }

  addEvent(event: RunEvent): void {
    if (event.type === 'run-keyed') for (const { components } of Object.values(event.steps)) this.add(components);
    if (event.type === 'task-succeeded') {
      for (const reference of Object.values(event.writes)) this.add(reference);
      if (event.from !== undefined) this.used.add(event.from);
    }
    if ('log' in event && event.log) this.add(event.log);
  }

  addPage({ entries }: Page): void {
    for (const { writes, log } of entries) {
      for (const reference of Object.values(writes)) this.add(reference);
      if (log) this.add(log);
    }
  }

  /** Stored lists of further objects that nobody has looked into yet; each is handed out once. */
  takeManifests(): Reference[] {
    const taken = [...this.manifests.values()];
    for (const { digest } of taken) this.followed.add(digest);
    this.manifests.clear();
    return taken;
  }

  hasBlob(key: string): boolean {
    return this.blobs.has(key);
  }

  /** How many bytes of a batch are needed; `undefined` when nothing refers to it. */
  bytesOf(object: string): number | undefined {
    const parts = this.parts.get(object);
    return parts && [...parts.values()].reduce((sum, length) => sum + length, 0);
  }
}

/** What names further objects. */
const MANIFESTS: readonly string[] = [CODE_CODEC, DIR_CODEC];

function isManifest(codec: string): boolean {
  return MANIFESTS.includes(codec);
}
