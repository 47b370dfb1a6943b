import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  contract: 'src/contract/index.ts',
  app: 'src/app/index.ts',
  testing: 'src/testing/index.ts',
  version: 'src/app/version.ts',
  'io-entry': 'src/app/io-entry.ts',
  'worker-entry': 'src/app/worker-entry.ts',
  'process-entry': 'src/app/process-entry.ts',
});
