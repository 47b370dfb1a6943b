import { memoryStore } from '@varve/core';
import { describeDatastore } from '../src/vitest.ts';

const plugin = memoryStore();

describeDatastore('the store in memory', () => plugin);
