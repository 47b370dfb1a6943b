import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDatastore } from '@varve/conformance/vitest';
import { memoryStore } from '@varve/core';
import { fsStore } from '@varve/store-fs';
import { afterAll } from 'vitest';
import { tiered } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'varve-tiered-'));
afterAll(() => rmSync(root, { recursive: true }));
const memory = memoryStore();

describeDatastore('tiered over store-fs', () =>
  tiered({ local: fsStore({ root: join(root, 'near') }), remote: fsStore({ root: join(root, 'far') }) }),
);
describeDatastore('tiered over the store in memory', () => tiered({ local: join(root, 'copies'), remote: memory }));
