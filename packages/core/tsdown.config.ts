import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  contract: 'src/contract/index.ts',
  app: 'src/app/index.ts',
  testing: 'src/testing/index.ts',
  version: 'src/version.ts',
  'io-entry': 'src/runtime/workers/io-entry.ts',
  'worker-entry': 'src/runtime/workers/worker-entry.ts',
  'process-entry': 'src/runtime/workers/process-entry.ts',
});
