import { describeSerializer } from '@varve/conformance/vitest';
import { superjson } from '../src/index.ts';

describeSerializer('serializer-superjson', () => superjson());
