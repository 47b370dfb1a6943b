import { describeSerializer } from '@varve/conformance/vitest';
import { msgpack } from '../src/index.ts';

describeSerializer('serializer-msgpack', () => msgpack());
