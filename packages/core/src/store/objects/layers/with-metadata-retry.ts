import { isDeepStrictEqual } from 'node:util';
import {
  type CallOptions,
  type MetadataProvider,
  type RunEvent,
  type RunListing,
  type RunRecord,
  StoreError,
} from '../../../contract/index.ts';
import { Retry, type StoreRetryOptions } from './retry.ts';

/**
 * Repeats calls to a provider that failed with a retryable `StoreError`, and no others. A write whose answer was lost is
 * looked up before it is repeated, and a stream that breaks goes on where it broke.
 */
export function withMetadataRetry(provider: MetadataProvider, options: StoreRetryOptions): MetadataProvider {
  const retry = new Retry(options);
  const removeRun = provider.removeRun?.bind(provider);
  const close = provider.close?.bind(provider);
  return {
    get name() {
      return provider.name;
    },
    capabilities: provider.capabilities,
    createRun: (run, o) => createOnceMore(provider, retry, run, o),
    append: (run, events, o) => appendOnceMore(provider, retry, run, events, o),
    finishRun: (run, summary, o) => retry.call(() => provider.finishRun(run, summary, o), o),
    run: (flow, id, o) => retry.call(() => provider.run(flow, id, o), o),
    events: (run, o) => resumeEvents(provider, retry, run, o),
    runs: (query, o) => resumeRuns(provider, retry, query, o),
    ...(removeRun && { removeRun: (run, o) => retry.call(() => removeRun(run, o), o) }),
    ...(close && { close }),
  };
}

/** True when a journal holds exactly these events from position `start` on, and none after them. */
export async function endsWith(
  provider: MetadataProvider,
  run: RunRecord,
  start: number,
  events: readonly RunEvent[],
  options: CallOptions = {},
): Promise<boolean> {
  let position = 0;
  for await (const event of provider.events(run, options)) {
    if (position >= start && !isSame(events[position - start], event)) return false;
    position++;
  }
  return position === start + events.length;
}

function isSame(a: RunEvent | undefined, b: RunEvent): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

async function createOnceMore(
  provider: MetadataProvider,
  retry: Retry,
  run: RunRecord,
  options?: CallOptions,
): Promise<void> {
  let isUnsure = false;
  await retry.call(async () => {
    try {
      await provider.createRun(run, options);
    } catch (error) {
      if (isUnsure && StoreError.is(error, 'already-exists') && (await isStored(provider, run, options))) return;
      isUnsure = true;
      throw error;
    }
  }, options);
}

async function isStored(provider: MetadataProvider, run: RunRecord, options?: CallOptions): Promise<boolean> {
  const found = await provider.run(run.flow, run.id, options);
  return isDeepStrictEqual(found?.record, JSON.parse(JSON.stringify(run)));
}

async function appendOnceMore(
  provider: MetadataProvider,
  retry: Retry,
  run: RunRecord,
  events: readonly RunEvent[],
  options: CallOptions & { readonly expectedLength: number },
): Promise<void> {
  let isUnsure = false;
  await retry.call(async () => {
    if (isUnsure && (await endsWith(provider, run, options.expectedLength, events, options))) return;
    isUnsure = true;
    await provider.append(run, events, options);
  }, options);
}

async function* resumeEvents(
  provider: MetadataProvider,
  retry: Retry,
  run: RunRecord,
  options?: CallOptions,
): AsyncGenerator<RunEvent> {
  let given = 0;
  const trouble = retry.begin();
  for (;;) {
    try {
      let position = 0;
      for await (const event of provider.events(run, options)) {
        if (position++ < given) continue;
        given++;
        yield event;
        trouble.over();
      }
      return;
    } catch (error) {
      await trouble.pause(error, options?.signal);
    }
  }
}

async function* resumeRuns(
  provider: MetadataProvider,
  retry: Retry,
  query: Parameters<MetadataProvider['runs']>[0],
  options?: CallOptions,
): AsyncGenerator<RunListing> {
  const given = new Set<string>();
  const trouble = retry.begin();
  for (;;) {
    try {
      for await (const listing of provider.runs(query, options)) {
        if (given.has(listing.record.id)) continue;
        given.add(listing.record.id);
        yield listing;
        trouble.over();
      }
      return;
    } catch (error) {
      await trouble.pause(error, options?.signal);
    }
  }
}
