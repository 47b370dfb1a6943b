import { setMaxListeners } from 'node:events';
import { type CallOptions, type Datastore, type RunRecord, StoreError, VarveError } from '@varve/core/contract';
import {
  ArtifactStore,
  createRunIds,
  ENV_KEY,
  type EnvelopeKind,
  type Guard,
  liveKey,
  pinKey,
  recordKey,
  requireConditionalPut,
  summaryKey,
  withLimit,
  withoutCollector,
} from '@varve/core/internal';
import { forEach } from '../gc/for-each.ts';
import { callOptions } from '../gc/mark-store.ts';
import { type Remaining, reconsider } from './reconsider.ts';
import type { CopiedRun, CopyOptions, CopySide, StoreCopy } from './result.ts';
import { isElsewhere, prefixOf, type Survey, type SurveyParts, surveySource, type WantedBlob } from './survey.ts';
import { Tally } from './tally.ts';
import { conflictError, listTarget, refuseConflicts, type Sides } from './target.ts';
import { type Sent, Transfer } from './transfer.ts';

/** Most objects under way at once, unless asked for otherwise. */
const WIDTH = 16;
/** Bytes. Larger blobs take memory in parts, so fewer of them go at once. */
const LARGE = 8 * 1024 * 1024;
const LARGE_AT_ONCE = 4;
/** Name under which a copy beats in its target, as a run would. No class can have it. */
const FLOW = 'store-copy';
/** A commit batch, and the prefix of its run. */
const BATCH = /^(runs\/[^/]+\/[^/]+\/)batch\//;

/**
 * Copies runs, their artifacts and the results kept for other runs. What refers to something is written after it, so that a
 * copy that was stopped leaves a sound target and goes on when it is repeated. Runs that are going on are left out, and so is
 * what is damaged in the source: the outcome names both. Throws `VARVE_COPY_CONFLICT` before anything is written when a number
 * names another run in the target, and `VARVE_COPY_EMPTY`.
 */
export async function copyStore(from: CopySide, to: CopySide, options: CopyOptions): Promise<StoreCopy> {
  requireConditionalPut(to.store);
  const copy = new Copy(from, to, options);
  return copy.run();
}

class Copy {
  private readonly tally: Tally;
  private readonly parts: SurveyParts;
  private readonly concurrency: number;
  private readonly target: Datastore;
  private call: CallOptions;
  private readonly signals: readonly AbortSignal[];

  constructor(
    from: CopySide,
    private readonly to: CopySide,
    private readonly options: CopyOptions,
  ) {
    this.concurrency = options.concurrency ?? WIDTH;
    this.tally = new Tally(options.onProgress);
    this.call = callOptions(options);
    this.signals = options.signal ? [options.signal] : [];
    const store = readOnly(withLimit(from.store, this.concurrency));
    this.parts = {
      store,
      artifacts: this.artifactsOf(store, from),
      writable: from.store,
      clock: options.clock,
      tally: this.tally,
      ...(options.keepLast !== undefined && { keepLast: options.keepLast }),
      ...this.call,
    };
    this.target = withLimit(to.store, this.concurrency);
  }

  async run(): Promise<StoreCopy> {
    const survey = await surveySource(this.parts);
    if (isEmpty(survey) && this.tally.notCopied.length === 0) throw emptySource(this.parts.store);
    this.tally.expect(countOf(survey));
    return this.options.dryRun ? this.send(survey) : this.guarded((guard) => this.send(survey, guard));
  }

  /** Beats in the target as a run does, so that no `varve gc` deletes what nothing refers to yet. */
  private async guarded<T>(work: (guard: Guard) => Promise<T>): Promise<T> {
    const { store } = this.to;
    const { clock, onWait } = this.options;
    const id = createRunIds(() => clock.now())();
    const options = { onWarning: (message: string) => onWait?.(message), lost: () => lostCopy(store.name) };
    try {
      return await withoutCollector({ store, clock }, { flow: FLOW, id }, options, (guard) => {
        this.call = { signal: manyListeners(AbortSignal.any([guard.signal, ...this.signals])) };
        return work(guard);
      });
    } finally {
      await store.delete(liveKey(FLOW, id)).catch(() => {});
    }
  }

  /** What the target holds is only certain while no collector can be at work in it: until then it is not listed. */
  private async send(survey: Survey, guard?: Guard): Promise<StoreCopy> {
    const sides: Sides = {
      source: this.parts.store,
      target: this.target,
      survey,
      there: await listTarget(this.target, this.call),
      concurrency: this.concurrency,
      ...this.call,
    };
    await refuseConflicts(sides);
    return this.sendAll(survey, sides, this.transferTo(sides, guard), guard);
  }

  private async sendAll(survey: Survey, sides: Sides, transfer: Transfer, guard?: Guard): Promise<StoreCopy> {
    if ((await transfer.sealed('secret', ENV_KEY, true)) === 'taken') this.tally.note(OTHER_SECRET);
    await this.sendNumbers(transfer, survey, sides);
    await this.sendBlobs(transfer, survey.blobs);
    await this.each(survey.batches, async (batch) => void this.isThere(batch.key, await transfer.batch(batch)));
    const left = await reconsider(survey, this.parts);
    const done = await this.sendRuns(transfer, survey, left, guard);
    await guard?.look();
    await this.each(left.pages, (page) =>
      transfer.page(page, (object) => this.tally.has(object) || isElsewhere(object)),
    );
    if (left.pages.length > 0) await guard?.look();
    const fresh = done.filter(({ flow, id }) => !sides.there.has(recordKey(flow, id)));
    return this.outcome(survey, fresh, left.heldBack);
  }

  /** All of them or none: a number whose run never comes would be in the way of every other history. */
  private async sendNumbers(transfer: Transfer, survey: Survey, sides: Sides): Promise<void> {
    const created: string[] = [];
    try {
      await this.sendEachNumber(survey, async (key) => {
        const sent = await transfer.sealed('number', key);
        if (sent === 'taken') throw await conflictError([key], sides);
        if (sent === 'done' && !this.options.dryRun) created.push(key);
      });
    } catch (error) {
      // After any other failure another copy of the same store may rely on them, and the next one finds them as they must be.
      if (!VarveError.is(error) || error.code !== 'VARVE_COPY_CONFLICT') throw error;
      await forEach(created, { width: this.concurrency }, (key) => this.target.delete(key).catch(() => {}));
      throw error;
    }
  }

  /** The lowest of each flow first: of two copies to one target that disagree one is refused at once. */
  private async sendEachNumber({ numbers }: Survey, send: (key: string) => Promise<void>): Promise<void> {
    const sorted = numbers.map(({ key }) => key).sort();
    const isFirst = (key: string, i: number) => folderOf(key) !== folderOf(sorted[i - 1] ?? '');
    for (const key of sorted.filter(isFirst)) await send(key);
    await this.each(
      sorted.filter((key, i) => !isFirst(key, i)),
      send,
    );
  }

  private async sendBlobs(transfer: Transfer, blobs: readonly WantedBlob[]): Promise<void> {
    const isLarge = ({ size = LARGE }: WantedBlob) => size >= LARGE;
    const send = (blob: WantedBlob) => transfer.blob(blob);
    await this.each(
      blobs.filter((blob) => !isLarge(blob)),
      send,
    );
    await this.each(blobs.filter(isLarge), send, LARGE_AT_ONCE);
  }

  /** A run is listed in the target once its record is there: last of all. Returns those; the others are held back. */
  private async sendRuns(transfer: Transfer, { pins }: Survey, left: Remaining, guard?: Guard): Promise<RunRecord[]> {
    const torn = new Set(this.tally.lostKeys.map((key) => BATCH.exec(key)?.[1]));
    const ready: RunRecord[] = [];
    await this.each(left.runs, async ({ record, summary }) => {
      const { flow, id } = record;
      if (torn.has(prefixOf(record))) return left.heldBack.push(record);
      if (pins.has(pinKey(flow, id))) await transfer.sealed('pin', pinKey(flow, id), true);
      const hasEnded = !summary || (await this.isSent(transfer, 'summary', summaryKey(flow, id)));
      return (hasEnded ? ready : left.heldBack).push(record);
    });
    await guard?.look();
    const done: RunRecord[] = [];
    await this.each(ready, async (record) => {
      const isSent = await this.isSent(transfer, 'record', recordKey(record.flow, record.id));
      (isSent ? done : left.heldBack).push(record);
    });
    return done;
  }

  private async isSent(transfer: Transfer, kind: EnvelopeKind, key: string): Promise<boolean> {
    return this.isThere(key, await transfer.sealed(kind, key));
  }

  private isThere(key: string, sent: Sent): boolean {
    if (sent === 'taken') this.tally.lose(key, otherBytes(key, this.target));
    return sent === 'done' || sent === 'had';
  }

  private each<T>(items: readonly T[], act: (item: T) => Promise<unknown>, width = this.concurrency): Promise<void> {
    const most = Math.min(width, this.concurrency);
    return forEach(items, { width: most, ...this.call }, async (item) => void (await act(item)));
  }

  private transferTo({ target, there }: Sides, guard: Guard | undefined): Transfer {
    return new Transfer({
      source: this.parts.store,
      target,
      checked: this.artifactsOf(this.parts.store, this.to),
      blobs: this.artifactsOf(target, this.to),
      there,
      tally: this.tally,
      dryRun: this.options.dryRun ?? false,
      confirm: async () => guard?.confirm(),
      ...this.call,
    });
  }

  private artifactsOf(store: Datastore, { hasher, alsoRead = [] }: CopySide): ArtifactStore {
    return new ArtifactStore({ store, concurrency: this.concurrency, alsoRead, ...(hasher && { hasher }) });
  }

  private outcome(survey: Survey, fresh: readonly RunRecord[], heldBack: readonly RunRecord[]): StoreCopy {
    const { notCopied, notes, copied, skipped } = this.tally;
    const byAge = [...fresh].sort((a, b) => (a.id < b.id ? -1 : 1));
    return {
      from: this.parts.store.name,
      to: this.target.name,
      dryRun: this.options.dryRun ?? false,
      runs: byAge.map(nameRun),
      copied,
      skipped,
      live: survey.live.map(nameRun),
      heldBack: heldBack.map(nameRun),
      notCopied,
      notes,
      complete: survey.live.length === 0 && heldBack.length === 0 && notCopied.length === 0,
    };
  }
}

const OTHER_SECRET =
  'The target hashes the values of environment variables with a secret of its own: results of steps that read variables are found there only after they were made there.';

function nameRun({ flow, number, id }: RunRecord): CopiedRun {
  return { flow, number, id };
}

function isEmpty({ runs, live, numbers, pages, blobs }: Survey): boolean {
  return [runs, live, numbers, pages, blobs].every(({ length }) => length === 0);
}

function countOf({ runs, numbers, pages, blobs, batches }: Survey): number {
  return 2 * runs.length + [numbers, pages, blobs, batches].reduce((sum, { length }) => sum + length, 0);
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** The same store without the calls that change it: reading an artifact moves a damaged one aside where it can. */
function readOnly(store: Datastore): Datastore {
  const refuse = async (key: string): Promise<never> => {
    throw new StoreError('permission-denied', `${store.name} is only read from while it is copied`, { key });
  };
  return {
    name: store.name,
    capabilities: store.capabilities,
    get: (key, options) => store.get(key, options),
    stat: (key, options) => store.stat(key, options),
    list: (prefix, options) => store.list(prefix, options),
    put: refuse,
    delete: refuse,
  };
}

/** Every object under way listens to the same signal: many listeners are no leak. */
function manyListeners(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

function lostCopy(target: string): VarveError {
  return new VarveError(
    'VARVE_COPY_LOST',
    `The copy to ${target} was held up for so long that varve gc took it for dead, and may have deleted what was just copied.`,
    { hint: 'Copy again: what is there still is not sent twice.' },
  );
}

function emptySource({ name }: Datastore): VarveError {
  return new VarveError('VARVE_COPY_EMPTY', `There is nothing to copy: ${name} holds no run and no result.`, {
    hint: 'Check the name: a folder is that of the store itself, e.g. ./.varve/store, and a bucket needs its prefix.',
  });
}

function otherBytes(key: string, { name }: Datastore): VarveError {
  return new VarveError('VARVE_COPY_CONFLICT', `${name} has other bytes as ${key}; they were left as they are.`, {
    hint: 'One of the two is damaged, or the run has ended differently: look at it with varve show in both, and remove the wrong one with varve runs rm.',
  });
}
