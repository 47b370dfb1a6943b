import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMetadata } from '@varve/conformance/vitest';
import { sqliteMetadata } from '../src/index.ts';

const file = join(mkdtempSync(join(tmpdir(), 'varve-sqlite-')), 'runs.db');

describeMetadata('metadata-sqlite', () => sqliteMetadata({ file }));
