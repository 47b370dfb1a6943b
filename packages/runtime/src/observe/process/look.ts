import type { Read } from '@varve/core/contract';
import { joinOutsideInputs } from '@varve/core/internal';
import type { ObserveOptions } from '../options.ts';
import { tokenOf } from '../shared/tokens.ts';
import { parseAllNames } from './inputs/all-names.ts';
import { factToken } from './inputs/facts.ts';
import { compileNames } from './inputs/variable-names.ts';
import { nameOf, namesToken } from './inputs/variable-reads.ts';
import { currentLocale, currentZone } from './inputs/zone.ts';
import { outerVariables } from './install.ts';

function envToken(name: string, options: ObserveOptions): string {
  const env = parseAllNames(name);
  if (env === undefined) return tokenOf(outerVariables().outer(nameOf(name)));
  return namesToken(outerVariables().foreignNames(), compileNames(joinOutsideInputs(options, { env }).env));
}

/**
 * Today's token of one read of the kinds `env`, `tz`, `locale` and `os`: the same that an attempt would note. `undefined` for
 * other kinds.
 */
export function lookProcess(read: Read, options: ObserveOptions): string | undefined {
  if (read.kind !== 'ambient') return undefined;
  switch (read.what) {
    case 'env':
      return envToken(read.name, options);
    case 'tz':
      return currentZone();
    case 'locale':
      return currentLocale();
    case 'os':
      return factToken(read.name, options.root);
    default:
      return undefined;
  }
}
