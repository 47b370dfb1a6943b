import type { Reference } from '../contract/index.ts';
import { seal } from '../store/objects/sealed.ts';
import type { CacheEntry, EntryOrigin } from './entry.ts';

/**
 * A page: results of one step's key from one run, in one immutable object.
 *
 *     varve-page 1 <sha256 of the JSON> <bytes of the JSON>
 *     {"key":"4f…","flow":"Penguins","step":"train","run":"01j9…","number":12,
 *      "reads":[["@element","rows"]],"tokens":["json/1 sha256:9f…",…],"objects":["runs/_penguins/…/batch/00000000"],
 *      "entries":[{"task":"train[0]","label":"train[knn]","reads":0,"tokens":[0,1],"writes":{"score":["sha256:…",45,"json/1",0,120,45]},"ms":12}]}
 *
 * What many entries share is written once and named by its position. A reference is digest, size, codec and, for bytes in
 * a commit batch, the object, offset and length.
 */
export interface Page {
  /** The step's key, hex. */
  readonly key: string;
  readonly step: string;
  readonly entries: readonly CacheEntry[];
}

/** `at` of the entries is when the page was written, unless they were copied from an older page. */
export function encodePage(page: Page & { readonly origin: EntryOrigin }): Uint8Array {
  const tables = new Tables();
  const entries = page.entries.map((entry) => encodeEntry(entry, page.origin, tables));
  const { flow, runId, number } = page.origin;
  const { reads, tokens, objects } = tables.lists();
  return seal('page', { key: page.key, step: page.step, flow, run: runId, number, reads, tokens, objects, entries });
}

class Tables {
  private readonly reads = new Map<string, number>();
  private readonly sets: (readonly string[])[] = [];
  private readonly tokens = new Map<string, number>();
  private readonly objects = new Map<string, number>();

  set(reads: readonly string[]): number {
    const index = position(this.reads, JSON.stringify(reads));
    this.sets[index] = reads;
    return index;
  }

  token(token: string): number {
    return position(this.tokens, token);
  }

  object(key: string): number {
    return position(this.objects, key);
  }

  lists() {
    return { reads: this.sets, tokens: [...this.tokens.keys()], objects: [...this.objects.keys()] };
  }
}

function position(table: Map<string, number>, value: string): number {
  const known = table.get(value);
  if (known !== undefined) return known;
  table.set(value, table.size);
  return table.size - 1;
}

function encodeEntry(entry: CacheEntry, origin: EntryOrigin, tables: Tables): object {
  const { task, label, deletes, log, ms, generation, withdrawn, at } = entry;
  const writes = Object.entries(entry.writes).map(([name, reference]) => [name, ...encodeReference(reference, tables)]);
  return {
    task,
    ...(label !== task && { label }),
    reads: tables.set(entry.reads),
    tokens: entry.tokens.map((token) => tables.token(token)),
    ...(writes.length > 0 && { writes }),
    ...(deletes.length > 0 && { deletes }),
    ...(log && { log: encodeReference(log, tables) }),
    ms,
    ...(generation > 0 && { generation }),
    ...(entry.origin.runId !== origin.runId && { origin: entry.origin }),
    ...(at > 0 && { at }),
    ...(withdrawn && { withdrawn }),
  };
}

function encodeReference({ digest, size, codec, at }: Reference, tables: Tables): (string | number)[] {
  return at ? [digest, size, codec, tables.object(at.object), at.offset, at.length] : [digest, size, codec];
}
