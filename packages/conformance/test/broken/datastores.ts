import type { Datastore } from '@varve/core/contract';
import type { Broken } from './broken.ts';
import { brokenBodies } from './datastore-bodies.ts';
import { brokenKeys, brokenLifecycles } from './datastore-keys.ts';
import { brokenLists } from './datastore-lists.ts';
import { brokenObjects } from './datastore-objects.ts';
import { brokenRaces, brokenRanges } from './datastore-races.ts';

/** Every known mistake of stores. */
export const brokenDatastores: readonly Broken<Datastore>[] = [
  ...brokenObjects,
  ...brokenBodies,
  ...brokenRaces,
  ...brokenRanges,
  ...brokenLists,
  ...brokenKeys,
  ...brokenLifecycles,
];
