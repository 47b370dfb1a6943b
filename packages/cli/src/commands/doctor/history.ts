import type { Composition } from '@varve/runtime';
import { type Diagnosis, ok, problemOf } from './diagnosis.ts';

/** Asks a metadata plugin for the newest run. Nothing to say where the store itself records the runs. */
export async function checkHistory(stack: Composition | undefined): Promise<Diagnosis[]> {
  try {
    const metadata = await stack?.get('metadata');
    if (metadata === undefined) return [];
    let newest = 'no run yet';
    for await (const { record } of metadata.runs({ ahead: 1, onDamage: () => {} })) {
      newest = `the newest is ${record.flow}/${record.number}`;
      break;
    }
    return [ok('history', `Runs are recorded in ${metadata.name}: ${newest}.`)];
  } catch (error) {
    return [problemOf('history', error)];
  }
}
