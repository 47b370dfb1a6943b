/** The cases of the Serializer contract: exactness and codecs. */

import type { Serializer } from '@varve/core/contract';
import type { Kit } from '../case.ts';
import { codecCases } from './codecs.ts';
import { exactnessCases } from './exactness.ts';

export const serializerKit: Kit<Serializer> = {
  kind: 'Serializer',
  cases: [...exactnessCases, ...codecCases],
  has: (serializer, need) => need === 'deterministic' && serializer.deterministic,
};
