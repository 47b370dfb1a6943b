/** The cases of the Datastore contract: objects, bodies, races, ranges, lists, keys and lifecycle. */

import type { Kit } from '../case.ts';
import { bodyCases } from './bodies.ts';
import { keyCases } from './keys.ts';
import { lifecycleCases } from './lifecycle.ts';
import { listCases } from './listing.ts';
import { objectCases } from './objects.ts';
import { raceCases } from './races.ts';
import { rangeCases } from './ranges.ts';
import { type DatastoreSubject, datastoreHas } from './subject.ts';

export const datastoreKit: Kit<DatastoreSubject> = {
  kind: 'Datastore',
  cases: [...objectCases, ...bodyCases, ...raceCases, ...rangeCases, ...listCases, ...keyCases, ...lifecycleCases],
  has: datastoreHas,
};
