import { type CopyProgress, copyStore as copyOpened, type StoreCopy } from '@varve/client';
import { isPlugin, VarveError } from '@varve/core/contract';
import { systemClock } from '@varve/core/internal';
import { refuseOverlap } from './apart.ts';
import { type OpenStoreOptions, openStore, type StoreSource } from './open-store.ts';

export interface StoreCopyOptions extends OpenStoreOptions {
  /** Writes nothing: only says what would be copied. */
  readonly dryRun?: boolean;
  /** Most objects under way at once. Default 16. */
  readonly concurrency?: number;
  /** Only the newest so many runs of each flow, pinned ones, those they resumed, and the results that these made or used. */
  readonly keepLast?: number;
  readonly signal?: AbortSignal;
  onProgress?(progress: CopyProgress): void;
  /** Called when a `varve gc` in the target has to end first. */
  onWait?(message: string): void;
}

/**
 * Copies one store into another: `await copyStore('default', 's3://acme-varve/penguins')`. A store is a profile of the config,
 * `default` for the config itself, a folder, a `file:`, `s3:` or `gs:` URL, or a plugin such as `fsStore({ root })`. What the target
 * has is not sent again, so a copy that was stopped goes on. Resolves also when something could not be copied: see
 * `complete`. Throws `VARVE_COPY_CONFLICT` before any run is written, `VARVE_COPY_LOST`, `VARVE_COPY_SAME`,
 * `VARVE_COPY_NESTED`, `VARVE_COPY_EMPTY`, `VARVE_COPY_METADATA`, and `VARVE_USAGE` for what names no store.
 */
export async function copyStore(
  from: StoreSource,
  to: StoreSource,
  options: StoreCopyOptions = {},
): Promise<StoreCopy> {
  for (const one of [from, to]) checkSource(one);
  const { config, root, ...copy } = options;
  const place = { ...(config !== undefined && { config }), ...(root !== undefined && { root }) };
  const source = await openStore(from, place);
  try {
    const target = await openStore(to, place);
    try {
      refuseOverlap(source.store, target.store, typeof from !== 'string' && typeof to !== 'string');
      return await copyOpened(source, target, { ...copy, clock: systemClock });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function checkSource(source: unknown): void {
  if (typeof source === 'string' || isPlugin(source)) return;
  throw new VarveError('VARVE_USAGE', `copyStore() was given a ${typeof source} as a store`, {
    hint: "Give the name of one, e.g. 'default' or './backup', or a plugin, e.g. fsStore({ root: 'backup' }).",
  });
}
