import type { Clock, Datastore, MetadataProvider, Serializer } from '../contract/index.ts';
import type { ArtifactStore } from '../store/artifacts/artifact-store.ts';

/** The parts of a setup that live in the I/O thread. */
export interface IoParts {
  readonly store: Datastore;
  readonly artifacts: ArtifactStore;
  /** Absent: journals go into the datastore, in one object with the small artifacts. */
  readonly metadata: MetadataProvider | undefined;
  readonly serializer: Serializer;
  readonly clock: Clock;
  /** Absolute: the project's own folder, for local copies and for bytes on their way into the store. */
  readonly stateDir: string;
  close(): Promise<void>;
}
