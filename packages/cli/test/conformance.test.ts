import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeDatastore,
  describeFingerprinter,
  describeHasher,
  describeMetadata,
  describeSerializer,
} from '@varve/conformance/vitest';
import { definePlugin } from '@varve/core/contract';
import { DatastoreJournal, sha256Hasher } from '@varve/core/internal';
import { sliceFingerprinter } from '@varve/fingerprint';
import { exact } from '@varve/serializer-exact';
import { fsStore } from '@varve/store-fs';
import { afterAll, afterEach } from 'vitest';
import { describeOwnRunner, endEngines } from './support/own-runner.ts';

const root = mkdtempSync(join(tmpdir(), 'varve-conformance-'));
afterEach(endEngines);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const datastore = fsStore({ root: join(root, 'store') });
const journals = fsStore({ root: join(root, 'journals') });
const journal = definePlugin<'metadata'>({
  name: 'journal',
  provides: { metadata: async (context) => new DatastoreJournal(await journals.provides.datastore(context)) },
});

describeDatastore('store-fs', () => datastore);
describeMetadata('the journal in store-fs', () => journal);
describeHasher('sha256', () => sha256Hasher);
describeSerializer('serializer-exact', () => exact());
describeFingerprinter('fingerprint', () => sliceFingerprinter());
describeOwnRunner('inline');
describeOwnRunner('threads');
describeOwnRunner('process');
