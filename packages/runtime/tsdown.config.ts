import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  'io-entry': 'src/workers/io-entry.ts',
  'worker-entry': 'src/workers/worker-entry.ts',
  'process-entry': 'src/workers/process-entry.ts',
});
