import { describeHasher } from '@varve/conformance/vitest';
import { blake3 } from '../src/index.ts';

describeHasher('hasher-blake3', () => blake3());
