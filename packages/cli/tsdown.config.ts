import { library } from '../../scripts/tsdown.base.ts';

export default library({
  index: 'src/index.ts',
  testing: 'src/testing.ts',
  main: 'src/main.ts',
  'default-stack': 'src/default-stack.ts',
});
