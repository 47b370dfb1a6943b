/** Packages whose exports make values and change nothing shared. */
const PURE: ReadonlySet<string> = new Set(
  `zod valibot arktype effect pino p-limit p-queue p-map p-retry lodash lodash-es ramda commander date-fns dayjs luxon
  uuid nanoid ulid ms chalk picocolors kleur yargs-parser fast-check superjson d3 d3-dsv d3-array simple-statistics
  ml-matrix mathjs decimal.js big.js bignumber.js semver immer remeda rxjs fp-ts io-ts yup joi ajv`.split(/\s+/),
);

/** Returns a predicate for exports of packages that change nothing when called. `more` are `pkg` or `pkg#export`. */
export function pureCalls(more: readonly string[]): (module: string, name: string) => boolean {
  const own = new Set(more);
  return (module, name) => PURE.has(module) || own.has(module) || own.has(`${module}#${name}`);
}
