import {
  type Datastore,
  type Finding,
  type Kind,
  type Kinds,
  type Plugin,
  StoreError,
  VarveError,
} from '@varve/core/contract';
import { makePart, requireConditionalPut } from '@varve/core/internal';
import { KINDS, originsOf, type Settings } from './config/index.ts';
import { createContext } from './context.ts';
import type { Setup } from './setup.ts';

/** Ms that a plugin has to make its part: a report must not hang. */
const WAIT_MS = 5_000;

/** What shows only once plugins have made their parts. */
export interface MadeParts {
  readonly findings: readonly Finding[];
  readonly datastore?: Pick<Datastore, 'name' | 'compress'>;
}

/** Lets each plugin of these settings make its part, looks at it, and closes it. Defaults are not made. */
export async function checkParts(settings: Settings, setup: Setup, isLocal: boolean): Promise<MadeParts> {
  const made = new Map<Kind, Promise<Kinds[Kind]>>();
  const make = <K extends Kind>(kind: K): Promise<Kinds[K]> => {
    const known = made.get(kind) ?? within(makePart(kind, settings[kind] as Plugin<K>, context), kind);
    made.set(kind, known);
    known.catch(() => {});
    return known as Promise<Kinds[K]>;
  };
  const find = <K extends Kind>(kind: K) =>
    settings[kind] === undefined ? Promise.reject(new NotLooked(kind)) : make(kind);
  const context = createContext(setup, isLocal, find);
  const kinds = KINDS.filter((kind) => settings[kind] !== undefined);
  const results = await Promise.allSettled(kinds.map(make));
  const found = results.map((result) => (result.status === 'rejected' ? findingsOf(result.reason) : []));
  const datastore = await (made.get('datastore') as Promise<Datastore> | undefined)?.catch(() => undefined);
  if (datastore) found[kinds.indexOf('datastore')]?.push(...lackOf(datastore, settings.datastore?.name ?? ''));
  await closeAll(results);
  const findings = kinds.flatMap((kind, at) => (found[at] ?? []).map((finding) => ({ kind, finding })));
  return {
    findings: isLocal ? findings.map(({ finding }) => finding) : await withLines(findings, setup),
    ...(datastore && { datastore }),
  };
}

async function withLines(
  findings: readonly { readonly kind: Kind; readonly finding: Finding }[],
  setup: Setup,
): Promise<Finding[]> {
  if (findings.length === 0) return [];
  const originOf = await originsOf(setup);
  return findings.map(({ kind, finding }) => {
    const { location } = originOf([kind]);
    return location === undefined ? finding : { ...finding, location };
  });
}

/** A part that needs another one which was not looked at: nothing is known of it. */
class NotLooked extends Error {}

function within<T>(work: Promise<T>, kind: Kind): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the plugin of ${kind} has not made its part within ${WAIT_MS / 1000} s`;
      reject(new VarveError('VARVE_PLUGIN_PART', message, { hint: 'See whether what it connects to answers.' }));
    }, WAIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function findingsOf(error: unknown): Finding[] {
  if ((error as Error).cause instanceof NotLooked || error instanceof NotLooked) return [];
  if (StoreError.is(error)) return [{ code: 'VARVE_PLUGIN_PART', message: error.message }];
  if (!VarveError.is(error)) return [{ code: 'VARVE_PLUGIN_PART', message: String(error) }];
  const { code, message, hint, findings } = error;
  return findings.length > 0 ? [...findings] : [{ code, message, ...(hint !== undefined && { hint }) }];
}

/** What the other parts need of a store, and it cannot do. */
function lackOf(store: Datastore, plugin: string): Finding[] {
  try {
    requireConditionalPut(store);
    return [];
  } catch (error) {
    return findingsOf(error).map((finding) => ({
      ...finding,
      message: `datastore: plugin ${plugin}: ${finding.message}`,
    }));
  }
}

async function closeAll(results: readonly PromiseSettledResult<Kinds[Kind]>[]): Promise<void> {
  const parts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  await Promise.allSettled(parts.map(async (part) => (part as { close?(): Promise<void> }).close?.()));
}
