import { type Location, type Reference, type References, VarveError } from '../contract/index.ts';
import {
  asArray,
  asCount,
  asFields,
  asNumber,
  asString,
  asStrings,
  decodeEnvelope,
  encodeEnvelope,
  isDigest,
  optional,
  ShapeError,
  type ShapeFields,
} from '../store/index.ts';
import type { CacheEntry, Invalidation, Producer } from './entry.ts';

/**
 * A page: results of one step's key from one run, stored as one immutable object.
 *
 *     varve-page 1 <sha256 of the JSON> <bytes of the JSON>
 *     {"key":"4f…","flow":"Penguins","step":"train","run":"01j9…","number":12,
 *      "reads":[["@element","rows"]],"tokens":["json/1 sha256:9f…",…],"objects":["runs/_penguins/…/batch/00000000"],
 *      "entries":[{"task":"train[0]","label":"train[knn]","reads":0,"tokens":[0,1],"writes":{"score":["sha256:…",45,"json/1",0,120,45]},"ms":12}]}
 *
 * Values that many entries share are written once and referenced by position. A reference is digest, size, codec and, for bytes in
 * a commit batch, the object, offset and length.
 */
export interface Page {
  /** The step's key, hex. */
  readonly key: string;
  readonly step: string;
  readonly entries: readonly CacheEntry[];
}

/** A page as it is stored. */
export interface StoredPage {
  readonly key: string;
  /** By the store's clock, ms since the Unix epoch. */
  readonly modifiedAt: number;
  readonly bytes: Uint8Array;
}

/** `at` of an entry is the time at which the page was written, unless the entry was copied from an older page. */
export function encodePage(page: Page & { readonly origin: Producer }): Uint8Array {
  const tables = new TableWriter();
  const entries = page.entries.map((entry) => encodeEntry(entry, page.origin, tables));
  const { flow, runId, number } = page.origin;
  const { reads, tokens, objects } = tables.lists();
  return encodeEnvelope('page', {
    key: page.key,
    step: page.step,
    flow,
    run: runId,
    number,
    reads,
    tokens,
    objects,
    entries,
  });
}

/** Collects the shared values of a page, each once. */
class TableWriter {
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

function encodeEntry(entry: CacheEntry, origin: Producer, tables: TableWriter): object {
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

function encodeReference({ digest, size, codec, at }: Reference, tables: TableWriter): (string | number)[] {
  return at ? [digest, size, codec, tables.object(at.object), at.offset, at.length] : [digest, size, codec];
}

/** Throws `VARVE_CORRUPT_PAGE` or `VARVE_FORMAT_VERSION`: no part of such a page is used. */
export function decodePage({ bytes, key, modifiedAt }: StoredPage): Page {
  try {
    return readPage(asFields(decodeEnvelope('page', bytes, key), ''), modifiedAt);
  } catch (error) {
    if (error instanceof ShapeError) throw corruptPage(`${key} is not a page of results: ${error.message}.`, error);
    if (VarveError.is(error, 'VARVE_CORRUPT_JOURNAL')) throw corruptPage(error.message, error);
    throw error;
  }
}

function corruptPage(message: string, cause: Error): VarveError {
  return new VarveError('VARVE_CORRUPT_PAGE', message, {
    cause,
    hint: 'Nothing of it was used: its results are made again. Remove it with: varve cache verify --repair',
  });
}

/** The shared values of a page that is being read. */
interface PageTables {
  readonly reads: readonly (readonly string[])[];
  readonly tokens: readonly string[];
  readonly objects: readonly string[];
  readonly origin: Producer;
  readonly modifiedAt: number;
}

function readPage(fields: ShapeFields, modifiedAt: number): Page {
  const origin = { flow: fields.flow, runId: fields.run, number: fields.number };
  const shared: PageTables = {
    reads: asArray(fields.reads, '.reads').map((set, i) => asStrings(set, `.reads[${i}]`)),
    tokens: asStrings(fields.tokens, '.tokens'),
    objects: asStrings(fields.objects, '.objects'),
    origin: readProducer(origin, ''),
    modifiedAt,
  };
  return {
    key: asString(fields.key, '.key'),
    step: asString(fields.step, '.step'),
    entries: asArray(fields.entries, '.entries').map((one, i) =>
      readEntry(asFields(one, `.entries[${i}]`), `.entries[${i}]`, shared),
    ),
  };
}

function readEntry(fields: ShapeFields, path: string, shared: PageTables): CacheEntry {
  const task = asString(fields.task, `${path}.task`);
  const reads = pick(shared.reads, fields.reads, `${path}.reads`);
  const tokens = asArray(fields.tokens, `${path}.tokens`).map((one) => pick(shared.tokens, one, `${path}.tokens`));
  if (tokens.length !== reads.length) throw new ShapeError(`${path}.tokens`, `${reads.length} tokens, one a read`);
  return {
    task,
    label: fields.label === undefined ? task : asString(fields.label, `${path}.label`),
    reads,
    tokens,
    writes: readWrites(fields.writes, `${path}.writes`, shared),
    deletes: fields.deletes === undefined ? [] : asStrings(fields.deletes, `${path}.deletes`),
    ...optional(fields, 'log', path, (value, at) => readRow(asArray(value, at), at, shared)),
    ms: asNumber(fields.ms, `${path}.ms`),
    generation: fields.generation === undefined ? 0 : asCount(fields.generation, `${path}.generation`),
    origin:
      fields.origin === undefined
        ? shared.origin
        : readProducer(asFields(fields.origin, `${path}.origin`), `${path}.origin`),
    at: fields.at === undefined ? shared.modifiedAt : asNumber(fields.at, `${path}.at`),
    ...optional(fields, 'withdrawn', path, readInvalidation),
  };
}

function readWrites(value: unknown, path: string, shared: PageTables): References {
  const writes: Record<string, Reference> = Object.create(null);
  for (const [i, row] of asArray(value ?? [], path).entries()) {
    const [name, ...reference] = asArray(row, `${path}[${i}]`);
    writes[asString(name, `${path}[${i}][0]`)] = readRow(reference, `${path}[${i}]`, shared);
  }
  return writes;
}

function readRow(row: readonly unknown[], path: string, { objects }: PageTables): Reference {
  const [digest, size, codec, object, offset, length] = row;
  if (!isDigest(digest)) throw new ShapeError(path, 'a digest');
  const reference = { digest, size: asCount(size, path), codec: asString(codec, path) };
  if (object === undefined) return reference;
  const at: Location = {
    object: pick(objects, object, path),
    offset: asCount(offset, path),
    length: asCount(length, path),
  };
  return { ...reference, at };
}

function pick<T>(table: readonly T[], index: unknown, path: string): T {
  const value = table[asCount(index, path)];
  if (value === undefined) throw new ShapeError(path, 'a position in its table');
  return value;
}

function readProducer(fields: ShapeFields, path: string): Producer {
  return {
    flow: asString(fields.flow, `${path}.flow`),
    runId: asString(fields.runId, `${path}.runId`),
    number: asCount(fields.number, `${path}.number`),
  };
}

function readInvalidation(value: unknown, path: string): Invalidation {
  const fields = asFields(value, path);
  return {
    id: asString(fields.id, `${path}.id`),
    by: asString(fields.by, `${path}.by`),
    why: asString(fields.why, `${path}.why`),
  };
}
