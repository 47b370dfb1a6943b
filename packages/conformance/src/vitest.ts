/** Runs the conformance cases as tests of vitest, one function for each kind of plugin. */

import { randomBytes } from 'node:crypto';
import type { Kind, Kinds } from '@varve/core/contract';
import { describe, it } from 'vitest';
import { type Case, type Deviation, type Kit, missingNeed } from './case.ts';
import { deleteUnder, scratchPrefix } from './check-datastore.ts';
import { datastoreKit } from './datastore/index.ts';
import { fingerprinterKit } from './fingerprinter/index.ts';
import { hasherKit } from './hasher.ts';
import { indexKit } from './index-kit.ts';
import { metadataKit } from './metadata/index.ts';
import { openPart, type Part } from './open-plugin.ts';
import { type Opened, reasonsByCase, staleDeviation } from './run-cases.ts';
import { runnerKit } from './runner/index.ts';
import type { RunnerSubject } from './runner/subject.ts';
import { serializerKit } from './serializer/index.ts';

export interface DescribeOptions {
  /** Cases known to fail, each with the reason that the report prints. A deviation that passes is a failure. */
  readonly deviations?: readonly Deviation[];
  /** False leaves out cases that move many or large objects. Default: true. */
  readonly heavy?: boolean;
  /** Ms a case may take. Default: 60,000. */
  readonly timeoutMs?: number;
}

/** Opens the part under test, or returns the plugin that provides it. Called for every case, always on the same place. */
export type Open<K extends Kind> = () => Part<K> | Promise<Part<K>>;

/** Runs every Datastore case as a vitest test: `describeDatastore('my store', () => myStore({ url }))`. */
export function describeDatastore(name: string, open: Open<'datastore'>, options: DescribeOptions = {}): void {
  const reopen = opener('datastore', open);
  describeKit(name, datastoreKit, options, async () => {
    const store = await reopen();
    const prefix = scratchPrefix();
    const close = async (): Promise<void> => {
      await deleteUnder(store, `${prefix}/`);
      await store.close?.();
    };
    return { subject: { store, prefix, reopen }, close };
  });
}

/** Runs every MetadataProvider case as a vitest test. Each leaves its runs behind: give it a place for tests. */
export function describeMetadata(name: string, open: Open<'metadata'>, options: DescribeOptions = {}): void {
  const reopen = opener('metadata', open);
  describeKit(name, metadataKit, options, async () => {
    const provider = await reopen();
    const subject = { provider, scope: randomBytes(6).toString('hex'), reopen };
    return { subject, close: async () => provider.close?.() };
  });
}

/** Runs every RunIndex case as a vitest test. Each empties the index first: give it a place for tests. */
export function describeIndex(name: string, open: Open<'index'>, options: DescribeOptions = {}): void {
  const reopen = opener('index', open);
  describeKit(name, indexKit, options, async () => {
    const index = await reopen();
    await index.clear();
    return { subject: { index, reopen }, close: async () => index.close?.() };
  });
}

/** Runs every Serializer case as a vitest test. */
export function describeSerializer(name: string, open: Open<'serializer'>, options: DescribeOptions = {}): void {
  describeKit(name, serializerKit, options, withoutClose(opener('serializer', open)));
}

/** Runs every Hasher case as a vitest test. */
export function describeHasher(name: string, open: Open<'hasher'>, options: DescribeOptions = {}): void {
  describeKit(name, hasherKit, options, withoutClose(opener('hasher', open)));
}

/** Runs every Fingerprinter case as a vitest test. */
export function describeFingerprinter(name: string, open: Open<'fingerprinter'>, options: DescribeOptions = {}): void {
  describeKit(name, fingerprinterKit, options, withoutClose(opener('fingerprinter', open)));
}

/** Runs every TaskRunner case as a vitest test. A runner needs a place for code and values, so `open` returns all three. */
export function describeRunner(name: string, open: () => Promise<RunnerSubject>, options: DescribeOptions = {}): void {
  describeKit(name, runnerKit, options, async () => {
    const subject = await open();
    return { subject, close: async () => subject.runner.close?.() };
  });
}

/** Runs the cases of any kit as vitest tests, each on a subject of its own. */
export function describeKit<Subject>(
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

function opener<K extends Kind>(kind: K, open: Open<K>): () => Promise<Kinds[K]> {
  return async () => openPart(kind, await open());
}

function withoutClose<Subject>(open: () => Promise<Subject>): () => Promise<Opened<Subject>> {
  return async () => ({ subject: await open(), close: async () => undefined });
}

async function mustFail<Subject>(item: Case<Subject>, subject: Subject): Promise<void> {
  const passed = await item.run(subject).then(
    () => true,
    () => false,
  );
  if (passed) throw staleDeviation(item.name);
}
