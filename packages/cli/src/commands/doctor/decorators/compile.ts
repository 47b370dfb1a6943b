import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Composition } from '@varve/runtime';
import { type Diagnosis, ok, problem, problemOf } from '../diagnosis.ts';

const NAMES: Readonly<Record<string, string>> = {
  legacy: 'legacy decorators (experimentalDecorators)',
  standard: 'standard decorators',
};

/** Compiles and executes a decorated class as a flow of this project would be. Rejects never. */
export async function checkCompiler(stack: Composition, probe: string): Promise<Diagnosis> {
  try {
    const { code } = await stack.use('loader', (loader) => loader.compile(probe));
    const compiled = join(dirname(probe), 'probe.mjs');
    writeFileSync(compiled, code);
    const { default: kinds } = (await import(pathToFileURL(compiled).href)) as { default: readonly string[] };
    const [kind] = kinds;
    if (kind !== undefined) return ok('decorators', `Flows of this project are compiled with ${NAMES[kind]}.`);
    const mend = 'Leave loader out of varve.config.ts, or tell the author of that plugin.';
    return problem('decorators', 'The loader of this project compiles a class, but not its decorators.', mend);
  } catch (error) {
    return problemOf('decorators', error);
  }
}
