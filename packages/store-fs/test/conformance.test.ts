import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDatastore } from '@varve/conformance/vitest';
import { afterAll } from 'vitest';
import { fsStore } from '../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'varve-fs-'));
afterAll(() => rmSync(root, { recursive: true }));

describeDatastore('store-fs', () => fsStore({ root }));
// Ten thousand flushes say nothing that a hundred do not.
const power = () => fsStore({ root: join(root, 'power'), durability: 'power' });
describeDatastore('store-fs with durability power', power, { heavy: false });
