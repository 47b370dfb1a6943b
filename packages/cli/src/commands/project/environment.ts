import { type Finding, VarveError } from '@varve/core/contract';
import { CACHE_MODES, suggest } from '@varve/core/internal';
import { patienceMs } from '@varve/runtime';
import { chooseReport } from '../../report/choose-report.ts';

type Env = Readonly<Record<string, string | undefined>>;

const VARIABLES = ['PROFILE', 'STORE', 'CACHE', 'STORE_PATIENCE', 'REPORTER', 'DEBUG'].map((name) => `VARVE_${name}`);

/** Variables of varve with a value that nobody can use. */
export function checkEnvironment(env: Env): Finding[] {
  const { VARVE_REPORTER } = env;
  // Whether there is a terminal shows when a run begins.
  const reporter = () => chooseReport({ env: { VARVE_REPORTER }, isTTY: true, columns: undefined, options: {} });
  return [...checkCacheMode(env), ...thrownBy(() => patienceMs(env)), ...thrownBy(reporter)];
}

/** Variables that look like those of varve, and that nobody reads. */
export function strangeVariables(env: Env): Finding[] {
  const strange = Object.keys(env).filter((name) => /^VARVE_/.test(name) && !/^VARVE_(PARAM|TEST)_/.test(name));
  return strange.flatMap((name) => {
    const hint = suggest(name, VARIABLES, 'variables');
    if (VARIABLES.includes(name) || !hint.startsWith('Did you mean')) return [];
    return [{ code: 'VARVE_UNKNOWN_SETTING', message: `varve does not read the variable ${name}`, hint }];
  });
}

function checkCacheMode({ VARVE_CACHE: mode }: Env): Finding[] {
  if (!mode || (CACHE_MODES as readonly string[]).includes(mode)) return [];
  const message = `the variable VARVE_CACHE is '${mode}'`;
  return [{ code: 'VARVE_CACHE_OPTION', message, hint: `One of: ${CACHE_MODES.join(', ')}.` }];
}

function thrownBy(read: () => unknown): Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    const { code, message, hint } = error;
    return [{ code, message, ...(hint !== undefined && { hint }) }];
  }
}
