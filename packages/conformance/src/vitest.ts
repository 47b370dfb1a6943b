import type { Kind } from '@varve/core/contract';
import { describe, it } from 'vitest';
import { type Case, type Deviation, type Kit, missingNeed } from './case.ts';
import { deleteUnder, scratchPrefix } from './check-datastore.ts';
import { datastoreKit } from './datastore/index.ts';
import type { DatastoreSubject } from './datastore/subject.ts';
import { openPart, type Part } from './open-plugin.ts';
import { type Opened, reasonsByCase, staleDeviation } from './run-cases.ts';

export interface DescribeOptions {
  /** Cases known to fail, each with the reason that the report prints. One that passes is a failure. */
  readonly deviations?: readonly Deviation[];
  /** Whether to run cases that move many or large objects; true unless given. */
  readonly heavy?: boolean;
  /** Ms a case may take; 60,000 unless given. */
  readonly timeoutMs?: number;
}

/** The thing under test, or the plugin that provides it. Called for every case; all of them lead to the same place. */
export type Open<K extends Kind> = () => Part<K> | Promise<Part<K>>;

/** Runs every Datastore case as a vitest test: `describeDatastore('my store', () => myStore({ url }))`. */
export function describeDatastore(name: string, open: Open<'datastore'>, options: DescribeOptions = {}): void {
  const openStore = async () => openPart('datastore', await open());
  describeKit(name, datastoreKit, options, async () => {
    const store = await openStore();
    const prefix = scratchPrefix();
    const subject: DatastoreSubject = { store, prefix, reopen: openStore };
    const close = async (): Promise<void> => {
      await deleteUnder(store, `${prefix}/`);
      await store.close?.();
    };
    return { subject, close };
  });
}

/** Runs the cases of any kit as vitest tests. */
function describeKit<Subject>(
  name: string,
  kit: Kit<Subject>,
  options: DescribeOptions,
  open: () => Promise<Opened<Subject>>,
): void {
  const reasons = reasonsByCase(kit, options.deviations ?? []);
  describe(`${name} keeps the ${kit.kind} contract`, () => {
    for (const item of kit.cases) {
      const reason = reasons.get(item.name);
      const title = reason === undefined ? item.name : `${item.name} [deviates: ${reason}]`;
      it(title, { timeout: options.timeoutMs ?? 60_000 }, async ({ skip }) => {
        if (item.heavy === true && options.heavy === false) skip('moves many or large objects');
        const opened = await open();
        try {
          const missing = missingNeed(kit, item, opened.subject);
          if (missing !== undefined) skip(missing);
          await (reason === undefined ? item.run(opened.subject) : mustFail(item, opened.subject));
        } finally {
          await opened.close();
        }
      });
    }
  });
}

async function mustFail<Subject>(item: Case<Subject>, subject: Subject): Promise<void> {
  const passed = await item.run(subject).then(
    () => true,
    () => false,
  );
  if (passed) throw staleDeviation(item.name);
}
