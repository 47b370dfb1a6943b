import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  'contract/index': 'src/contract/index.ts',
  'app/index': 'src/app/index.ts',
  'app/version': 'src/app/version.ts',
  'app/io-entry': 'src/app/io-entry.ts',
  'app/worker-entry': 'src/app/worker-entry.ts',
  'app/process-entry': 'src/app/process-entry.ts',
});
