import type { ObserveOptions } from '../../options.ts';

type EnvOptions = NonNullable<ObserveOptions['env']>;

/**
 * The name of the set of all variables: `*`, and what a step leaves out of it and takes in besides the config, so that the
 * set can be looked at without the step: `* -BUILD_ID +PROXY_*`.
 */
export function allNamesOf({ include = [], exclude = [] }: EnvOptions = {}): string {
  const without = exclude.map((name) => `-${name}`).sort();
  const within = include.map((name) => `+${name}`).sort();
  return ['*', ...without, ...within].join(' ');
}

/** The variables that a name of that form leaves out and takes in; `undefined` for the name of one variable. */
export function parseAllNames(name: string): EnvOptions | undefined {
  const [star, ...rest] = name.split(' ');
  if (star !== '*') return undefined;
  const signed = (sign: string) => rest.flatMap((one) => (one.startsWith(sign) ? one.slice(1) : []));
  return { include: signed('+'), exclude: signed('-') };
}
