import { type CallOptions, type Datastore, type RunRecord, StoreError, VarveError } from '@varve/core/contract';
import {
  ArtifactStore,
  createRunIds,
  ENV_KEY,
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
import { reconsider } from './reconsider.ts';
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
  private readonly call: CallOptions;

  constructor(
    from: CopySide,
    private readonly to: CopySide,
    private readonly options: CopyOptions,
  ) {
    this.concurrency = options.concurrency ?? WIDTH;
    this.tally = new Tally(options.onProgress);
    this.call = callOptions(options);
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
    const there = await listTarget(this.target, this.call);
    const sides: Sides = {
      source: this.parts.store,
      target: this.target,
      survey,
      there,
      concurrency: this.concurrency,
      ...this.call,
    };
    await refuseConflicts(sides);
    this.tally.expect(countOf(survey));
    return this.options.dryRun ? this.send(survey, sides) : this.guarded(() => this.send(survey, sides));
  }

  /** Beats in the target as a run does, so that no `varve gc` deletes what nothing refers to yet. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    const { store } = this.to;
    const { clock, onWait } = this.options;
    const id = createRunIds(() => clock.now())();
    try {
      return await withoutCollector({ store, clock }, { flow: FLOW, id }, (message) => onWait?.(message), work);
    } finally {
      await store.delete(liveKey(FLOW, id)).catch(() => {});
    }
  }

  private async send(survey: Survey, sides: Sides): Promise<StoreCopy> {
    const transfer = this.transferTo(sides);
    if ((await transfer.sealed('secret', ENV_KEY, true)) === 'taken') this.tally.note(OTHER_SECRET);
    await this.sendNumbers(transfer, survey, sides);
    await this.sendBlobs(transfer, survey.blobs);
    await this.each(survey.batches, async (batch) => this.judge(batch.key, await transfer.batch(batch)));
    const left = await reconsider(survey, this.parts);
    const done: RunRecord[] = [];
    await this.each(left.runs, async ({ record, summary }) => {
      if (await this.sendRun(transfer, survey, record, summary !== undefined)) done.push(record);
      else left.heldBack.push(record);
    });
    await this.each(left.pages, (page) =>
      transfer.page(page, (object) => this.tally.has(object) || isElsewhere(object)),
    );
    const fresh = done.filter(({ flow, id }) => !sides.there.has(recordKey(flow, id)));
    return this.outcome(survey, fresh, left.heldBack);
  }

  /** The lowest of each flow first: of two copies to one target that disagree one is refused at once. */
  private async sendNumbers(transfer: Transfer, { numbers }: Survey, sides: Sides): Promise<void> {
    const sorted = numbers.map(({ key }) => key).sort();
    const isFirst = (key: string, i: number) => folderOf(key) !== folderOf(sorted[i - 1] ?? '');
    const send = async (key: string) => {
      if ((await transfer.sealed('number', key)) === 'taken') throw await conflictError([key], sides);
    };
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

  /** A run is listed in the target once its record is there: last of all. `false`: it is held back. */
  private async sendRun(transfer: Transfer, survey: Survey, run: RunRecord, ended: boolean): Promise<boolean> {
    const { flow, id } = run;
    if (survey.batches.some(({ key }) => key.startsWith(prefixOf(run)) && this.tally.has(key))) return false;
    if (survey.pins.has(pinKey(flow, id))) await transfer.sealed('pin', pinKey(flow, id), true);
    const summary = summaryKey(flow, id);
    if (ended && this.judge(summary, await transfer.sealed('summary', summary)) !== 'done') return false;
    const record = recordKey(flow, id);
    return this.judge(record, await transfer.sealed('record', record)) === 'done';
  }

  private judge(key: string, sent: Sent): Sent {
    if (sent === 'taken') this.tally.lose(key, otherBytes(key, this.target));
    return sent;
  }

  private each<T>(items: readonly T[], act: (item: T) => Promise<unknown>, width = this.concurrency): Promise<void> {
    const most = Math.min(width, this.concurrency);
    return forEach(items, { width: most, ...this.call }, async (item) => void (await act(item)));
  }

  private transferTo({ target, there }: Sides): Transfer {
    return new Transfer({
      source: this.parts.store,
      target,
      checked: this.artifactsOf(this.parts.store, this.to),
      blobs: this.artifactsOf(target, this.to),
      there,
      tally: this.tally,
      dryRun: this.options.dryRun ?? false,
      ...this.call,
    });
  }

  private artifactsOf(store: Datastore, { hasher }: CopySide): ArtifactStore {
    return new ArtifactStore({ store, concurrency: this.concurrency, ...(hasher && { hasher }) });
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
