import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeIndex, describeMetadata } from '@varve/conformance/vitest';
import { afterAll } from 'vitest';
import { sqliteMetadata } from '../src/index.ts';
import { openIndex } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeMetadata('metadata-sqlite', () => sqliteMetadata({ file: join(folder, 'runs.db') }));
describeIndex('metadata-sqlite', () => openIndex(join(folder, 'index')));
