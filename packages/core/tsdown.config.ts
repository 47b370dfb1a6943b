import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  contract: 'src/contract/index.ts',
  'serializer-kit': 'src/serializer-kit/index.ts',
  'store-kit': 'src/store-kit/index.ts',
  worker: 'src/worker.ts',
  internal: 'src/internal.ts',
});
